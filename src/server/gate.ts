/**
 * A gate at the server's door: whom it lets in, whatever the server could take. Operators close and open
 * it by hand. Signal's had all these forms on the evening of 15 January 2021, within two hours: all
 * rejected, a share of the requests, a share by hash (there of the recipient), all answered 200 and
 * dropped (signalapp/Signal-Server@81c1ba6e, @a57ce1dd, @59eb6d10, @0a322d5a).
 */
import type { KeyedRandom } from "../random.ts";
import type { GateSpec } from "../scenario.ts";
import { DROPPED, type Refusal, refusalOf } from "./refusal.ts";

/** What becomes of a request at the gate; undefined: it may come in. */
export type Gate = (
  client: number,
  call: number,
  attempt: number,
  part: number,
) => Refusal | undefined;

/**
 * @param random of the admission stream
 * @param byDefault how those are told who may not come in, if the gate has no answer of its own
 */
export function gateOf(spec: GateSpec, random: KeyedRandom, byDefault: Refusal): Gate | undefined {
  if (spec.gate === "open") return undefined;
  if (spec.gate === "drop") return () => DROPPED;
  const refusal = spec.rejection === undefined ? byDefault : refusalOf(spec.rejection);
  switch (spec.gate) {
    case "closed":
      return () => refusal;
    case "share-of-requests":
      return (client, call, attempt, part) =>
        random.key(client, call, attempt, part).next() < spec.share ? undefined : refusal;
    case "share-of-clients":
      // Whoever is in at one share is in at every larger one, and at every later step.
      return (client) => (random.key(client, 0, 0).next() < spec.share ? undefined : refusal);
  }
}
