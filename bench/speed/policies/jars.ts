import { defineScenario, SCENARIO_DEFAULTS } from "../../../src/scenario.ts";

/** In the surge a client calls once or twice; here it lives on what its successes bring. */
export const jars = defineScenario({
  name: "jars",
  shows: "A retry budget that is emptied and filled many times.",
  runMs: 20_000,
  clients: { count: 50, timeoutMs: 1_000 },
  load: { kind: "open", arrivals: [{ fromMs: 0, perSecond: 300 }] },
  server: {
    ...SCENARIO_DEFAULTS.server,
    workers: [{ fromMs: 0, workers: 5 }],
    queue: { places: 250, order: "fifo" },
  },
});
