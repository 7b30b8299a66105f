/** A sign-up surge one to one, and the same in small. */
import { defineScenario, type Scenario } from "../scenario.ts";

const MINUTE_MS = 60_000;

/**
 * Half of the clients are settled; the others join between minute 5 and 10, twice as many as the
 * servers can take, and servers are added in minute 15. The queue is long enough for answers to come
 * too late, so a policy decides whether the surge ends. 40 million clients are what Signal was said to
 * have after January 2021 (https://en.wikipedia.org/wiki/Signal_(software)).
 *
 * @param clients a multiple of 250,000, so that workers stay whole numbers: 12 workers to a million, then 20
 */
export function signupSurge(clients: number): Scenario {
  const scale = clients / 40_000_000;
  return defineScenario({
    name: clients === 40_000_000 ? "signup-surge-40m" : `signup-surge-${clients}`,
    shows: "Millions join at once: whether more servers end the outage is up to the clients.",
    runMs: 30 * MINUTE_MS,
    patienceMs: 20_000,
    clients: { count: clients, timeoutMs: 5_000 },
    load: {
      kind: "closed",
      thinkMs: 20 * MINUTE_MS,
      joining: { clients: clients / 2, fromMs: 5 * MINUTE_MS, untilMs: 10 * MINUTE_MS },
    },
    server: {
      workers: [
        { fromMs: 0, workers: 480 * scale },
        { fromMs: 15 * MINUTE_MS, workers: 800 * scale },
      ],
      service: { distribution: "exponential", meanMs: 20 },
      queue: { places: 400_000 * scale, order: "fifo" },
    },
    trigger: { fromMs: 5 * MINUTE_MS, untilMs: 15 * MINUTE_MS },
  });
}

/** 40 million individual clients and some 400 million events: minutes, not for every bench. */
export const signupSurge40m = signupSurge(40_000_000);
