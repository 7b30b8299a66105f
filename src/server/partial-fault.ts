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

  // Calls count from 1, and attempt 0 (the flags') has no part 0: whole calls and clients share no key.
  function hits(random: KeyedRandom, client: number, call: number, attempt: number, part: number) {
    if (of === "clients") return drawOf(place, random, client, 0, 0, 0) < share;
    if (of === "calls") return drawOf(place, random, client, call, 0, 0) < share;
    return drawOf(nth, random, client, call, attempt, part) < share;
  }
}

/** Faults that have a key of their own within a part; those beyond take the keys' next draws. */
const KEYS = 16;

function drawOf(
  fault: number,
  random: KeyedRandom,
  client: number,
  call: number,
  attempt: number,
  part: number,
): number {
  random.key(client, call, attempt, part * KEYS + (fault % KEYS));
  for (let before = fault - KEYS; before >= 0; before -= KEYS) random.next();
  return random.next();
}
