/** Who waits for whom where a client's calls to the same recipient go one after the other. */
import { KeyedRandom } from "../random.ts";
import type { CallName } from "../request-name.ts";

export class RecipientLines {
  readonly #recipients: number;
  readonly #random: KeyedRandom;
  /** By line, of a client to a recipient: the slot of the last call in it. */
  readonly #last = new Map<number, number>();
  /** By slot: of the call behind. */
  readonly #behind: number[] = [];
  /** By slot. */
  readonly #joinedUs: number[] = [];

  constructor(recipients: number, seed: number) {
    this.#recipients = recipients;
    this.#random = new KeyedRandom(seed, "recipients");
  }

  /** Whether it is the call's turn at once. */
  join(atUs: number, slot: number, name: CallName): boolean {
    const line = this.#lineOf(name);
    const last = this.#last.get(line);
    this.#last.set(line, slot);
    this.#joinedUs[slot] = atUs;
    if (last !== undefined) this.#behind[last] = slot;
    return last === undefined;
  }

  /** When the call began for its user. */
  joinedUs(slot: number): number {
    return this.#joinedUs[slot];
  }

  /** The call is over; returns the slot of the one whose turn it now is, -1 when nobody waits. */
  leave(slot: number, name: CallName): number {
    const line = this.#lineOf(name);
    if (this.#last.get(line) !== slot) return this.#behind[slot];
    this.#last.delete(line);
    return -1;
  }

  /** Drawn by the call, so that it need not be kept. */
  #lineOf({ client, call }: CallName): number {
    const draw = this.#random.key(client, call, 0).next();
    return client * this.#recipients + Math.floor(draw * this.#recipients);
  }
}
