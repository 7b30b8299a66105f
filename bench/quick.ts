/**
 * The default scenarios made small for `--quick`: a quarter of the traffic and of the clients, on a
 * server with a quarter of the capacity and of the queue. All ratios and waits in line stay, so the
 * story does; an answer takes longer, because each worker is slower. Where recovery leaves room, the run is shorter.
 */
import type { Scenario } from "../src/scenario.ts";
import { scenarios } from "../src/scenarios/index.ts";

const PART = 1 / 4;

const RUN_MS: Readonly<Record<string, number>> = {
  steady: 15_000,
  blip: 16_000,
  "slowdown-short-queue": 30_000,
};

/** A scenario of one's own stays as it is. */
export function quickened(scenario: Scenario): Scenario {
  if (!scenarios.includes(scenario)) return scenario;
  const { name, runMs, clients, load, server } = scenario;
  const { service, queue, rejection } = server;
  return {
    ...scenario,
    runMs: RUN_MS[name] ?? runMs,
    clients: { ...clients, count: Math.ceil(clients.count * PART) },
    load: load.kind === "open" ? { ...load, arrivals: load.arrivals.map(thinned) } : load,
    server: {
      ...server,
      service: { ...service, meanMs: service.meanMs / PART },
      queue: { ...queue, places: Math.ceil(queue.places * PART) },
      rejection: { ...rejection, costMs: rejection.costMs / PART },
    },
  };
}

function thinned<Step extends { perSecond: number; rampToPerSecond?: number }>(step: Step): Step {
  const { perSecond, rampToPerSecond } = step;
  return {
    ...step,
    perSecond: perSecond * PART,
    ...(rampToPerSecond === undefined ? {} : { rampToPerSecond: rampToPerSecond * PART }),
  };
}
