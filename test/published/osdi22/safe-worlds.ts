/** Worlds in which n attempts a call are the only amplification, with a load below capacity ÷ n, or above. */
import fc from "fast-check";
import { equalJitter, exponential, fixed, fullJitter, immediate } from "../../../policies/index.ts";
import type { Policy } from "../../../src/policy.ts";
import type { Scenario } from "../../../src/scenario.ts";
import { perSecond, setting } from "../runs.ts";

export interface SafeWorld {
  readonly scenario: Scenario;
  readonly policyName: string;
  readonly policy: Policy;
  readonly attemptsMax: number;
  readonly seed: number;
  /** By when all extra work is done, after the trigger; see `boundMs`. */
  readonly boundMs: number;
}

const DELAY_BASE_MS = 100;
const DELAY_MAX_MS = 400;
const TRIGGER_FROM_MS = 5_000;

type Make = (attemptsMax: number) => Policy;
const waits = (attemptsMax: number) => ({
  attemptsMax,
  delayBaseMs: DELAY_BASE_MS,
  delayMaxMs: DELAY_MAX_MS,
});
const MAKERS: Readonly<Record<string, Make>> = {
  immediate: (attemptsMax) => immediate({ attemptsMax }),
  fixed: (attemptsMax) => fixed({ attemptsMax, delayMs: DELAY_BASE_MS }),
  exponential: (attemptsMax) => exponential(waits(attemptsMax)),
  "equal-jitter": (attemptsMax) => equalJitter(waits(attemptsMax)),
  "full-jitter": (attemptsMax) => fullJitter(waits(attemptsMax)),
};

/** `share` of the stable bound: 1 is a load of capacity ÷ n. */
export function safeWorlds(share: { min: number; max: number }): fc.Arbitrary<SafeWorld> {
  return fc
    .record({
      attemptsMax: fc.integer({ min: 2, max: 5 }),
      policyName: fc.constantFrom(...Object.keys(MAKERS)),
      share: fc.double({ ...share, noNaN: true }),
      workers: fc.integer({ min: 10, max: 25 }),
      meanMs: fc.integer({ min: 20, max: 40 }),
      distribution: fc.constantFrom("deterministic" as const, "exponential" as const),
      timeoutServices: fc.integer({ min: 10, max: 40 }),
      places: fc.constantFrom(100, 1_000, 20_000),
      order: fc.constantFrom("fifo" as const, "lifo" as const),
      kind: fc.constantFrom("outage" as const, "slowdown" as const, "partial" as const),
      triggerMs: fc.integer({ min: 1_000, max: 8_000 }),
      seed: fc.nat(1_000),
    })
    .map((given) => {
      const { attemptsMax, policyName, workers, meanMs, distribution, places, order } = given;
      const capacity = (workers * 1_000) / meanMs;
      const perCall = given.share / attemptsMax;
      const timeoutMs = given.timeoutServices * meanMs;
      const during = { fromMs: TRIGGER_FROM_MS, untilMs: TRIGGER_FROM_MS + given.triggerMs };
      const longestCallMs = attemptsMax * (timeoutMs + DELAY_MAX_MS);
      const bound = boundMs(given.triggerMs, longestCallMs, given.share);
      const scenario = setting({
        // Recovery is looked for in windows of 3 s.
        runMs: during.untilMs + Math.min(bound, BOUND_MAX_MS) + 6_000,
        patienceMs: longestCallMs,
        clients: { count: 100, timeoutMs },
        load: perSecond(perCall * capacity),
        server: {
          workers: [{ fromMs: 0, workers }],
          service: { distribution, meanMs },
          queue: { places, order },
          rejection: { status: 503, costMs: 0 },
        },
        faults: [trigger(given.kind, during)],
        trigger: during,
      });
      const policy = MAKERS[policyName](attemptsMax);
      return { scenario, policyName, policy, attemptsMax, seed: given.seed, boundMs: bound };
    });
}

function trigger(
  kind: Scenario["faults"][number]["kind"],
  during: { fromMs: number; untilMs: number },
): Scenario["faults"][number] {
  if (kind === "outage") return { kind, ...during };
  if (kind === "slowdown") return { kind, ...during, factor: 20 };
  return { kind, ...during, share: 1, status: 503 };
}

/**
 * The theorem says that the system recovers, not when. At most n attempts come of every call of the trigger
 * and of the calls that were under way, n · L · (trigger + longest call), and they are worked off at C − n · L
 * at least. A quarter more and 3 s for chance, as in law 2.
 */
function boundMs(triggerMs: number, longestCallMs: number, share: number): number {
  const drainMs = ((triggerMs + longestCallMs) * share) / (1 - share);
  return share < 1 ? 1.25 * drainMs + 3_000 : Infinity;
}

const BOUND_MAX_MS = 60_000;

export function describeWorld({ scenario, policyName, attemptsMax, seed }: SafeWorld): string {
  const { server, load, faults, clients } = scenario;
  return JSON.stringify({ policyName, attemptsMax, seed, server, load, faults, clients });
}
