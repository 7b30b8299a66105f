/** Where the states of cohorts lie, each under the policy that it begins with. */
import type { Cohorts } from "../cohorts.ts";
import type { Policy } from "../policy.ts";

export interface Seats {
  /** How many have a state. */
  readonly clients: number;
  /** By client, its place among those who have one; left out: all have, in their order. */
  readonly places?: Int32Array;
  /** Numbers of all clients together, of whom only some have their state there. */
  readonly shared?: { readonly numbers: Float64Array; readonly has: (client: number) => boolean };
}

/**
 * States of the same shape share one array, with each client in its own place: then nobody has to look
 * up where a client sits. Else a policy's states lie side by side, and only of its clients.
 *
 * @param policies of the cohorts, and of the rest
 */
export function seatsOf(cohorts: Cohorts, policies: readonly Policy[], clients: number): Seats[] {
  // A hundred cohorts and the rest fit.
  const cohortOf = new Uint8Array(clients);
  const places = new Int32Array(clients);
  const sizes = policies.map(() => 0);
  for (let client = 0; client < clients; client++) {
    const cohort = cohorts.of(client);
    cohortOf[client] = cohort;
    places[client] = sizes[cohort]++;
  }
  const [shape, ...others] = policies.map(({ initial }) => JSON.stringify(Object.keys(initial)));
  if (others.some((other) => other !== shape))
    return sizes.map((size) => ({ clients: size, places }));
  const numbers = new Float64Array(clients * Object.keys(policies[0].initial).length);
  return sizes.map((size, cohort) => {
    const has = (client: number) => cohortOf[client] === cohort;
    return { clients: size, places, shared: { numbers, has } };
  });
}
