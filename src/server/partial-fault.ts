/** A failure of some requests only: by chance, or by what they are about. */
import { outcomeOfStatus } from "../outcome.ts";
import type { KeyedRandom } from "../random.ts";
import type { FaultSpec } from "../scenario.ts";
import type { Refusal } from "./refusal.ts";

export interface PartialFault {
  readonly refusal: Refusal;
  hits(random: KeyedRandom, client: number, call: number, attempt: number, part: number): boolean;
}

/**
 * Each fault has its own chance.
 *
 * @param nth of the partial faults of the moment
 * @param place among all faults of the scenario: who is hit stays hit, whatever begins and ends meanwhile
 */
export function partialFaultOf(
  { share, status, retryAfterMs, of }: Extract<FaultSpec, { kind: "partial" }>,
  nth: number,
  place: number,
): PartialFault {
  const end = outcomeOfStatus(status, retryAfterMs);
  return { refusal: { end, costUs: 0, countedAs: "failed" }, hits };

  // Attempts and calls count from 1, so the keys of whole calls and clients are nobody else's.
  function hits(random: KeyedRandom, client: number, call: number, attempt: number, part: number) {
    if (of === "clients") random.key(client, 0, 0, place);
    else if (of === "calls") random.key(client, call, 0, place);
    else random.key(client, call, attempt, part * 16 + nth);
    return random.next() < share;
  }
}
