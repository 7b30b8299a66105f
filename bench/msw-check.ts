/** The storm in which the two worlds are compared: small, and with everything that can go wrong in it. */
import { defineScenario } from "../src/scenario.ts";

export const mswCheck = defineScenario({
  name: "msw-check",
  shows: "An outage, rejections and late work, small enough for real fetch.",
  runMs: 4_500,
  warmUpMs: 500,
  patienceMs: 3_000,
  tickUs: 1000,
  clients: { count: 24, timeoutMs: 300 },
  retry: {
    attemptsMax: 3,
    delayBaseMs: 100,
    delayMaxMs: 2_000,
    budgetRatio: 0.1,
    budgetTokensMax: 3,
  },
  load: { kind: "open", arrivals: [{ fromMs: 0, perSecond: 32 }] },
  networkMs: 5,
  server: {
    workers: [{ fromMs: 0, workers: 2 }],
    service: { distribution: "exponential", meanMs: 40 },
    queue: { places: 10, order: "fifo" },
    rejection: { status: 503, retryAfterMs: 1_000, costMs: 1 },
  },
  faults: [
    { kind: "outage", fromMs: 1_000, untilMs: 1_400 },
    { kind: "slowdown", fromMs: 1_900, untilMs: 2_700, factor: 4 },
  ],
  trigger: { fromMs: 1_000, untilMs: 2_700 },
});
