/** Small scenarios for the tests of the MSW lane, all on its tick. */
import { registry } from "../../policies/index.ts";
import type { Policy } from "../../src/policy.ts";
import { defineScenario, type Scenario } from "../../src/scenario.ts";

export function laneScenario(input: Partial<Scenario> = {}): Scenario {
  return defineScenario({
    name: "lane",
    shows: "what the lane does",
    runMs: 1000,
    patienceMs: 500,
    tickUs: 1000,
    clients: { count: 4, timeoutMs: 100 },
    load: { kind: "open", arrivals: [{ fromMs: 0, perSecond: 40 }] },
    server: {
      workers: [{ fromMs: 0, workers: 1 }],
      service: { distribution: "exponential", meanMs: 30 },
      queue: { places: 3, order: "fifo" },
      rejection: { status: 503, costMs: 0 },
    },
    ...input,
  });
}

export function fullJitter(): Policy {
  return registry["full-jitter"].make({
    attemptsMax: 3,
    delayBaseMs: 50,
    delayMaxMs: 500,
    budgetRatio: 0.1,
    budgetTokensMax: 3,
    deadlineMs: 400,
  });
}
