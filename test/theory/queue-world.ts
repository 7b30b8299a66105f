/**
 * A queue as the textbooks have it: Poisson arrivals, a network that takes next to no time (1 µs each
 * way; a service takes 20,000), and nobody who leaves early. Traffic is in erlangs (λ ÷ μ), times
 * are in mean services, so the figures are those of a textbook's μ = 1.
 */
import { defineScenario, type Scenario } from "../../src/scenario.ts";

export const SERVICE_MS = 20;
const PER_ERLANG = 1000 / SERVICE_MS;
const ENDLESS = 1_000_000;
/** The empty beginning is not looked at. */
const WARM_UP_SHARE = 0.1;

interface Queue {
  /** Arrivals in a mean service. */
  readonly traffic: number;
  readonly workers: number;
  /** Beside the workers. @default 1,000,000, which never fill */
  readonly places?: number;
  /** @default exponential */
  readonly service?: Scenario["server"]["service"];
  readonly faults?: Scenario["faults"];
  /** @default far beyond every answer */
  readonly timeoutMs?: number;
  /** How many calls are to be expected in a run. */
  readonly calls: number;
}

export function queueWorld(queue: Queue): Scenario {
  const perSecond = queue.traffic * PER_ERLANG;
  const runMs = (1000 * queue.calls) / perSecond;
  return defineScenario({
    name: "theory",
    shows: "What is known beforehand.",
    runMs,
    warmUpMs: runMs * WARM_UP_SHARE,
    patienceMs: 3_600_000,
    networkMs: 0.001,
    clients: { count: 1_000, timeoutMs: queue.timeoutMs ?? 600_000 },
    load: { kind: "open", arrivals: [{ fromMs: 0, perSecond }] },
    server: {
      workers: [{ fromMs: 0, workers: queue.workers }],
      service: queue.service ?? { distribution: "exponential", meanMs: SERVICE_MS },
      queue: { places: queue.places ?? ENDLESS, order: "fifo" },
      rejection: { status: 503, costMs: 0 },
    },
    faults: queue.faults ?? [],
  });
}
