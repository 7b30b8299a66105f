/** The sign-up surge at any size: so many clients, with their part of the workers and of the queue. */
import { defineScenario, SCENARIO_DEFAULTS, type Scenario } from "../../src/scenario.ts";

/** Of the whole surge, of which the other sizes are parts. */
export const CLIENTS_MAX = 40_000_000;

const MINUTE_MS = 60_000;
const SERVICE_MS = 20;

export function surgeOf(clients: number): Scenario {
  const part = clients / CLIENTS_MAX;
  // Who has less than one worker has one that is slower: the capacity is the same part.
  const [workers, workersLater] = [480, 800].map((count) => Math.max(1, Math.round(count * part)));
  const { server } = SCENARIO_DEFAULTS;
  return defineScenario({
    name: `surge-${clients}`,
    shows: "How the cost of a run grows with its clients.",
    runMs: 30 * MINUTE_MS,
    patienceMs: 10_000,
    clients: { count: clients, timeoutMs: 5_000 },
    load: { kind: "closed", thinkMs: 20 * MINUTE_MS },
    server: {
      ...server,
      workers: [
        { fromMs: 0, workers },
        { fromMs: 15 * MINUTE_MS, workers: workersLater },
      ],
      service: { distribution: "exponential", meanMs: (SERVICE_MS * workers) / (480 * part) },
      queue: { places: Math.ceil(400_000 * part), order: "fifo" },
    },
  });
}
