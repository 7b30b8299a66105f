/** What a run is about: who calls, what the server can do, and what goes wrong. Plain data. */
import { z } from "zod";

const ms = z.number().finite().min(0).max(31_536_000_000);
const share = z.number().min(0).max(1);
const count = z.int().min(1).max(100_000_000);

const Load = z.discriminatedUnion("kind", [
  z.strictObject({
    /** Calls come whatever happened to the last: a Poisson process of the given rate. */
    kind: z.literal("open"),
    /** The rate from each moment on; with `rampToPerSecond` it moves there by the next moment. */
    arrivals: z
      .array(
        z.strictObject({
          fromMs: ms,
          perSecond: z.number().min(0).max(10_000_000),
          rampToPerSecond: z.number().min(0).max(10_000_000).optional(),
        }),
      )
      .min(1),
  }),
  z.strictObject({
    /** Each client thinks (exponentially), calls, and thinks again when the call is over. */
    kind: z.literal("closed"),
    thinkMs: ms.min(1),
  }),
  z.strictObject({
    /** Each client makes one call, at a uniformly drawn moment of the window. */
    kind: z.literal("herd"),
    fromMs: ms,
    overMs: ms,
  }),
]);

const Service = z.discriminatedUnion("distribution", [
  z.strictObject({ distribution: z.literal("deterministic"), meanMs: ms }),
  z.strictObject({ distribution: z.literal("exponential"), meanMs: ms }),
  z.strictObject({
    distribution: z.literal("lognormal"),
    meanMs: ms,
    /** Standard deviation of the logarithm. */
    sigma: z.number().positive().max(5),
  }),
]);

const Server = z.strictObject({
  /** The capacity plan: so many workers from each moment on. */
  workers: z.array(z.strictObject({ fromMs: ms, workers: z.int().min(0).max(1_000_000) })).min(1),
  service: Service,
  queue: z.strictObject({
    /** Places for requests that wait; a request that finds none is rejected. */
    places: z.int().min(0).max(100_000_000),
    order: z.enum(["fifo", "lifo"]),
  }),
  rejection: z.strictObject({
    status: z.int().min(400).max(599),
    /** Whole seconds, as the header has them. */
    retryAfterMs: ms.multipleOf(1000).optional(),
    /** What saying no takes of a worker's time; 0 is free. */
    costMs: ms,
  }),
});

const during = { fromMs: ms, untilMs: ms };
const Fault = z.discriminatedUnion("kind", [
  /** The server is gone: work in progress is lost, connections are refused. */
  z.strictObject({ kind: z.literal("outage"), ...during }),
  /** Work begun meanwhile takes `factor` times as long. */
  z.strictObject({ kind: z.literal("slowdown"), ...during, factor: z.number().min(1).max(10_000) }),
  /** A share of the requests, each by its own chance, is answered `status` on arrival. */
  z.strictObject({
    kind: z.literal("partial"),
    ...during,
    share,
    status: z.int().min(400).max(599),
  }),
]);

export const ScenarioSchema = z
  .strictObject({
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
  })
  .superRefine((scenario, context) => {
    const say = (path: (string | number)[], message: string) =>
      context.addIssue({ code: "custom", path, message });
    if (scenario.networkMs * 1000 < scenario.tickUs) {
      say(["networkMs"], `Expected at least one tick (${scenario.tickUs / 1000} ms)`);
    }
    if (scenario.warmUpMs >= scenario.runMs) {
      say(["warmUpMs"], `Expected less than runMs (${scenario.runMs})`);
    }
    for (const [index, fault] of scenario.faults.entries()) {
      if (fault.untilMs <= fault.fromMs) {
        say(["faults", index, "untilMs"], `Expected more than fromMs (${fault.fromMs})`);
      }
    }
    if (scenario.trigger && scenario.trigger.untilMs <= scenario.trigger.fromMs) {
      say(["trigger", "untilMs"], `Expected more than fromMs (${scenario.trigger.fromMs})`);
    }
    if (
      scenario.trigger &&
      scenario.load.kind !== "herd" &&
      scenario.trigger.untilMs >= scenario.runMs
    ) {
      say(["trigger", "untilMs"], `Expected less than runMs (${scenario.runMs})`);
    }
    // Who came later would be left out without a word, and the herd could never recover.
    if (
      scenario.load.kind === "herd" &&
      scenario.load.fromMs + scenario.load.overMs >= scenario.runMs
    ) {
      say(["load", "overMs"], `Expected the herd to have come before runMs (${scenario.runMs})`);
    }
    const steps = [
      ["server", "workers", scenario.server.workers],
      ["load", "arrivals", scenario.load.kind === "open" ? scenario.load.arrivals : []],
    ] as const;
    for (const [room, field, plan] of steps) {
      for (const [index, step] of plan.entries()) {
        if (index === 0 ? step.fromMs !== 0 : step.fromMs <= plan[index - 1].fromMs) {
          say(
            [room, field, index, "fromMs"],
            "Expected 0 for the first step, then later and later",
          );
        }
      }
    }
  });

export type Scenario = z.infer<typeof ScenarioSchema>;
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

/** A scenario that cannot be run; the message is one sentence. */
export class ScenarioError extends Error {
  override readonly name = "ScenarioError";

  constructor(scenario: unknown, issue: z.core.$ZodIssue) {
    const name = valueAt(scenario, ["name"]);
    const where = issue.path.length === 0 ? "the scenario" : issue.path.join(".");
    const expected = issue.message
      .replace(/^(Invalid [a-z ]+|Too small|Too big)[:.] /, "")
      .replace(/, received .*$/, "")
      .replace(/^[A-Z]/, (letter) => letter.toLowerCase());
    const got =
      issue.code === "unrecognized_keys" ? "" : `, got ${show(valueAt(scenario, issue.path))}`;
    super(
      `Scenario "${typeof name === "string" ? name : "unnamed"}": ${where}: ${expected}${got}.`,
    );
  }
}

function valueAt(whole: unknown, path: readonly PropertyKey[]): unknown {
  return path.reduce<unknown>((value, key) => {
    return typeof value === "object" && value !== null ? Reflect.get(value, key) : undefined;
  }, whole);
}

/** JSON has no NaN and no Infinity, and no big integers. */
function show(value: unknown): string {
  const isData = typeof value === "string" || typeof value === "object";
  return isData ? JSON.stringify(value) : String(value);
}
