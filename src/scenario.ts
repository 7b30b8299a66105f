/** What a run is about: who calls, what the server can do, and what goes wrong. Plain data. */
import { z } from "zod";
import { checkConsistency } from "./scenario/consistency.ts";
import { Fault } from "./scenario/fault-schema.ts";
import { Load } from "./scenario/load-schema.ts";
import { count, during, ms } from "./scenario/quantities.ts";
import { ScenarioError } from "./scenario/scenario-error.ts";
import { Server } from "./scenario/server-schema.ts";

export { ScenarioError };

const Fields = z.strictObject({
  name: z.string().min(1),
  /** What the scenario must show, in a sentence. */
  shows: z.string(),
  /** New calls stop here; then `patienceMs` are allowed to drain. */
  runMs: ms.min(1),
  /** Calls begun earlier are not measured. */
  warmUpMs: ms,
  /** What a user would wait for a call: a later answer counts as none. */
  patienceMs: ms.min(1),
  /** The grain of time: 1 µs, or 1 ms where the MSW lane must agree. */
  tickUs: z.literal([1, 1000]),
  clients: z.strictObject({
    count,
    /** Limit on one attempt. */
    timeoutMs: ms.min(1),
    /** Limit on the whole call that the caller sets; policies may set a shorter one. */
    deadlineMs: ms.min(1).optional(),
  }),
  /** How the registry's policies are built for this scenario; `attemptsMax` null: unlimited. */
  retry: z.strictObject({
    attemptsMax: z.int().min(1).nullable(),
    delayBaseMs: ms,
    delayMaxMs: ms,
    budgetRatio: z.number().min(0).max(100),
    budgetTokensMax: z.number().min(0).max(1_000_000),
  }),
  load: Load,
  /** Each way, and at least a tick. */
  networkMs: ms,
  server: Server,
  faults: z.array(Fault),
  /** What starts the overload; recovery counts from its end. */
  trigger: z.strictObject(during).optional(),
  flags: z.array(
    z.strictObject({
      atMs: ms,
      name: z.string().min(1),
      value: z.union([z.boolean(), z.number()]),
    }),
  ),
  /** Requests that a session reset sends, one after the other, before the attempt. */
  sessionReset: z.strictObject({ requests: z.int().min(0).max(100) }),
});

export const ScenarioSchema = Fields.superRefine(checkConsistency);

export type Scenario = z.infer<typeof Fields>;
export type ServerSpec = Scenario["server"];
export type FaultSpec = Scenario["faults"][number];
export type LoadSpec = Scenario["load"];
export type ServiceSpec = ServerSpec["service"];

/** A scenario as people write it: what is left out has the value of `SCENARIO_DEFAULTS`. */
export type ScenarioInput = Partial<Scenario> & Pick<Scenario, "name" | "shows" | "runMs" | "load">;

/**
 * 20 workers at 20 ms answer 1,000 a second; 200 clients, 5 ms of network each way, attempts time out
 * after 1 s, users after 5 s.
 */
export const SCENARIO_DEFAULTS = {
  warmUpMs: 0,
  patienceMs: 5_000,
  tickUs: 1,
  clients: { count: 200, timeoutMs: 1_000 },
  retry: {
    attemptsMax: 3,
    delayBaseMs: 100,
    delayMaxMs: 20_000,
    budgetRatio: 0.1,
    budgetTokensMax: 10,
  },
  networkMs: 5,
  server: {
    workers: [{ fromMs: 0, workers: 20 }],
    service: { distribution: "exponential", meanMs: 20 },
    queue: { places: 500, order: "fifo" },
    rejection: { status: 503, costMs: 0 },
  },
  faults: [],
  flags: [],
  sessionReset: { requests: 3 },
} as const satisfies Partial<Scenario>;

/**
 * Fills in the defaults and validates.
 *
 * @throws {ScenarioError} naming the value, and what was expected
 */
export function defineScenario(input: unknown): Scenario {
  const isObject = typeof input === "object" && input !== null;
  const whole = isObject ? { ...SCENARIO_DEFAULTS, ...input } : input;
  const result = ScenarioSchema.safeParse(whole);
  if (result.success) return result.data;
  throw new ScenarioError(whole, result.error.issues[0]);
}
