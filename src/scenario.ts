/** What a run is about: who calls, what the server can do, and what goes wrong. Plain data. */
import { z } from "zod";
import { RESET_REQUESTS_MAX } from "./parts.ts";
import { Clients, Flag, Retry } from "./scenario/client-schema.ts";
import { Cohort } from "./scenario/cohort-schema.ts";
import { checkConsistency } from "./scenario/consistency.ts";
import { Downstream } from "./scenario/downstream-schema.ts";
import { Faults } from "./scenario/fault-schema.ts";
import { issueMessages } from "./scenario/issue-message.ts";
import { Load } from "./scenario/load-schema.ts";
import { during, ms, runMs } from "./scenario/quantities.ts";
import { ScenarioError } from "./scenario/scenario-error.ts";
import { Server } from "./scenario/server-schema.ts";
import { Attempt, Recipients, Traffics } from "./scenario/traffic-schema.ts";

export { ScenarioError };

/** What a file may hold. It is a scenario when the files that its replays name are read. */
export const WrittenScenarioSchema = z
  .strictObject({
    $schema: z
      .string()
      .optional()
      .describe("Where an editor finds this schema; it says nothing about the scenario."),
    name: z.string().min(1).describe("What tables and results call it."),
    shows: z.string().describe("What the scenario must show, in a sentence."),
    runMs: runMs.describe(
      "New calls stop here, after 31 days at most; then patienceMs are allowed to drain.",
    ),
    warmUpMs: ms
      .default(0)
      .describe("What begins, is sent or is worked on earlier is not measured."),
    patienceMs: ms
      .min(1)
      .default(5_000)
      .describe("What a user would wait for a call: a later answer counts as none."),
    tickUs: z
      .literal([1, 1000])
      .default(1)
      .describe("The grain of time: 1 µs, or 1 ms where the MSW lane must agree."),
    clients: Clients.prefault({}),
    cohorts: z
      .array(Cohort)
      .max(100)
      .default([])
      .describe(
        "Shares of the clients with a policy, flags or versions of their own; the rest has the policy under test.",
      ),
    retry: Retry.prefault({}),
    load: Load,
    attempt: Attempt.prefault({}),
    recipients: Recipients.optional(),
    traffics: Traffics,
    networkMs: ms.default(5).describe("To the server, and back again; at least a tick each."),
    server: Server.prefault({}),
    faults: Faults,
    downstream: Downstream,
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
          .max(RESET_REQUESTS_MAX)
          .default(3)
          .describe("Sent one after the other, before the attempt."),
      })
      .prefault({})
      .describe("What it takes to build a new session."),
  })
  .describe("A storm for retry policies.");

const ScenarioSchema =
  WrittenScenarioSchema.transform(withoutReplays).superRefine(checkConsistency);

export type WrittenScenario = z.output<typeof WrittenScenarioSchema>;

export interface Scenario
  extends Omit<WrittenScenario, "$schema" | "load" | "traffics" | "server" | "downstream"> {
  load: LoadSpec;
  traffics: TrafficSpec[];
  server: ServerSpec;
  downstream: LayerSpec[];
}
/** Other calls that the same clients make. */
export interface TrafficSpec extends Omit<WrittenScenario["traffics"][number], "load"> {
  load: LoadSpec;
}
/** A server that the one above calls. */
export interface LayerSpec extends Omit<WrittenScenario["downstream"][number], "server"> {
  server: ServerSpec;
}
export type LoadSpec = Exclude<WrittenScenario["load"], { kind: "replay" }>;
export interface ServerSpec extends Omit<WrittenScenario["server"], "service"> {
  service: ServiceSpec;
}
export type ServiceSpec = Exclude<WrittenScenario["server"]["service"], { distribution: "replay" }>;
export type FaultSpec = Scenario["faults"][number];
export type CohortSpec = Scenario["cohorts"][number];
export type RejectionSpec = ServerSpec["rejection"];
export type GateSpec = NonNullable<ServerSpec["admission"]>[number];
export type RateCapSpec = NonNullable<ServerSpec["rateCap"]>[number];

/** A scenario as people write it: what is left out, at any depth, has its default. */
export type ScenarioInput = z.input<typeof WrittenScenarioSchema>;

/**
 * Fills in the defaults and validates.
 *
 * @throws {ScenarioError} naming the value, and what was expected
 */
export function defineScenario(input: unknown): Scenario {
  return parsed(ScenarioSchema, input);
}

/**
 * The same for a scenario that may name files to replay; `defineScenario` is for what comes of it when
 * they are read.
 *
 * @throws {ScenarioError} naming the value, and what was expected
 */
export function checkWritten(input: unknown): WrittenScenario {
  return parsed(WrittenScenarioSchema, input);
}

const MESSAGES = issueMessages(WrittenScenarioSchema);

function parsed<Output>(schema: z.ZodType<Output>, input: unknown): Output {
  const result = schema.safeParse(input, { error: MESSAGES });
  if (!result.success) throw new ScenarioError(input, result.error.issues);
  return result.data;
}

function withoutReplays(written: WrittenScenario, context: z.core.$RefinementCtx): Scenario {
  const { $schema: _, load, traffics, server, downstream, ...rest } = written;
  const refuse = (path: (string | number)[], file: string) => {
    const message = `expected the numbers themselves, got the file "${file}": only scenario files may replay others.`;
    context.addIssue({ code: "custom", path, message });
    return z.NEVER;
  };
  const readServer = (own: WrittenScenario["server"], path: (string | number)[]): ServerSpec => {
    const { service } = own;
    if (service.distribution !== "replay") return { ...own, service };
    return refuse([...path, "server", "service", "file"], service.file);
  };
  const readLoad = (own: WrittenScenario["load"], path: (string | number)[]): LoadSpec =>
    own.kind === "replay" ? refuse([...path, "load", "file"], own.file) : own;
  const layers = downstream.map((layer, index) => ({
    ...layer,
    server: readServer(layer.server, ["downstream", index]),
  }));
  const others = traffics.map((traffic, index) => ({
    ...traffic,
    load: readLoad(traffic.load, ["traffics", index]),
  }));
  return {
    ...rest,
    load: readLoad(load, []),
    traffics: others,
    server: readServer(server, []),
    downstream: layers,
  };
}

/** What a scenario is without a word on it. */
export const SCENARIO_DEFAULTS = defaults();

function defaults(): Omit<Scenario, "name" | "shows" | "runMs" | "load"> {
  const load = { kind: "closed", thinkMs: 1 };
  const {
    name,
    shows,
    runMs,
    load: _,
    ...rest
  } = defineScenario({ name: "x", shows: "", runMs: 1, load });
  return rest;
}
