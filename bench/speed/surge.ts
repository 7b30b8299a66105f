/** The sign-up surge at any size. */
import type { LoadSpec, Scenario } from "../../src/scenario.ts";
import { signupSurge } from "../../src/scenarios/signup-surge.ts";

/** Of the whole surge, of which the other sizes are parts. */
export const CLIENTS_MAX = 40_000_000;

/** From here on workers are whole numbers. */
const CLIENTS_WITH_WORKERS = 250_000;

/** Fewer clients have as many workers, each as much slower: of capacity and queue they have their part. */
export function surgeOf(clients: number): Scenario {
  if (clients >= CLIENTS_WITH_WORKERS) return signupSurge(clients);
  const surge = signupSurge(CLIENTS_WITH_WORKERS);
  const { load, server } = surge;
  const { service, queue } = server;
  const part = clients / CLIENTS_WITH_WORKERS;
  return {
    ...surge,
    name: `signup-surge-${clients}`,
    clients: { ...surge.clients, count: clients },
    load: partOf(load, part),
    server: {
      ...server,
      service: { ...service, meanMs: service.meanMs / part },
      queue: { ...queue, places: Math.ceil(queue.places * part) },
    },
  };
}

function partOf(load: LoadSpec, part: number): LoadSpec {
  if (load.kind !== "closed" || load.joining === undefined) return load;
  return { ...load, joining: { ...load.joining, clients: Math.ceil(load.joining.clients * part) } };
}
