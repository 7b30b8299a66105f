/** A session reset whose time is over in the very tick in which one of its requests is answered. */
import type { Policy } from "../../src/policy.ts";
import { defineScenario, type Scenario } from "../../src/scenario.ts";

/** Two requests of a reset take 20 ms each, the third one's limit comes with the answer to the second. */
export function usedUpByReset(tickUs: 1 | 1000): Scenario {
  return defineScenario({
    name: "used up",
    shows: "A reset without end.",
    runMs: 300,
    tickUs,
    clients: { count: 1, timeoutMs: 40 },
    load: { kind: "herd", fromMs: 0, overMs: 0 },
    server: {
      workers: [{ fromMs: 0, workers: 1 }],
      service: { distribution: "deterministic", meanMs: 10 },
    },
    faults: [{ kind: "slowdown", fromMs: 26, untilMs: 9_999, factor: 10 }],
  });
}

export const resetting: Policy = {
  name: "resetting",
  initial: {},
  decide: (_state, event) =>
    event.kind === "failure" && event.attempt > 2
      ? { do: "stop", why: "attempts" }
      : { do: "send", resetSession: true },
};
