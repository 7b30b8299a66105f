/** What a run is about: who calls, what the server can do, and what goes wrong. Plain data. */
import { z } from "zod";
import { Clients, Flag, Retry } from "./scenario/client-schema.ts";
import { checkConsistency } from "./scenario/consistency.ts";
import { Fault } from "./scenario/fault-schema.ts";
import { issueMessages } from "./scenario/issue-message.ts";
import { Load } from "./scenario/load-schema.ts";
import { during, ms } from "./scenario/quantities.ts";
import { ScenarioError } from "./scenario/scenario-error.ts";
import { Server } from "./scenario/server-schema.ts";

export { ScenarioError };

const Fields = z
  .strictObject({
    $schema: z
      .string()
      .optional()
      .describe("Where an editor finds this schema; it says nothing about the scenario."),
    name: z.string().min(1).describe("What tables and results call it."),
    shows: z.string().describe("What the scenario must show, in a sentence."),
    runMs: ms.min(1).describe("New calls stop here; then patienceMs are allowed to drain."),
    warmUpMs: ms.default(0).describe("Calls begun earlier are not measured."),
    patienceMs: ms
      .min(1)
      .default(5_000)
      .describe("What a user would wait for a call: a later answer counts as none."),
    tickUs: z
      .literal([1, 1000])
      .default(1)
      .describe("The grain of time: 1 µs, or 1 ms where the MSW lane must agree."),
    clients: Clients.prefault({}),
    retry: Retry.prefault({}),
    load: Load,
    networkMs: ms.default(5).describe("To the server, and back again; at least a tick each."),
    server: Server.prefault({}),
    faults: z.array(Fault).default([]).describe("What goes wrong, and when."),
    trigger: z
      .strictObject(during)
      .optional()
      .describe("What starts the overload; recovery counts from its end. Default: nothing does."),
    flags: z.array(Flag).default([]).describe("Feature flags that change during the run."),
    sessionReset: z
      .strictObject({
        requests: z
          .int()
          .min(0)
          .max(100)
          .default(3)
          .describe("Sent one after the other, before the attempt."),
      })
      .prefault({})
      .describe("What it takes to build a new session."),
  })
  .describe("A storm for retry policies.");

export const ScenarioSchema = Fields.superRefine(checkConsistency);

export type Scenario = Omit<z.output<typeof Fields>, "$schema">;
export type ServerSpec = Scenario["server"];
export type FaultSpec = Scenario["faults"][number];
export type LoadSpec = Scenario["load"];
export type ServiceSpec = ServerSpec["service"];
export type RejectionSpec = ServerSpec["rejection"];
export type GateSpec = NonNullable<ServerSpec["admission"]>[number];
export type RateCapSpec = NonNullable<ServerSpec["rateCap"]>[number];

/** A scenario as people write it: what is left out, at any depth, has its default. */
export type ScenarioInput = z.input<typeof Fields>;

const MESSAGES = issueMessages(ScenarioSchema);

/**
 * Fills in the defaults and validates.
 *
 * @throws {ScenarioError} naming the value, and what was expected
 */
export function defineScenario(input: unknown): Scenario {
  const result = ScenarioSchema.safeParse(input, { error: MESSAGES });
  if (!result.success) throw new ScenarioError(input, result.error.issues);
  const { $schema: _, ...scenario } = result.data;
  return scenario;
}

/** What a scenario is without a word on it. */
export const SCENARIO_DEFAULTS = Fields.omit({
  $schema: true,
  name: true,
  shows: true,
  runMs: true,
  load: true,
}).parse({});
