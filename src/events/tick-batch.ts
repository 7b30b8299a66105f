/** The ids due at one time, in the order in which they go. */
import type { Precedes } from "./precedes.ts";

export class TickBatch {
  readonly #precedes: Precedes;
  #ids = new Int32Array(16);
  #at = 0;
  #end = 0;

  constructor(precedes: Precedes) {
    this.#precedes = precedes;
  }

  get size(): number {
    return this.#end - this.#at;
  }

  /** Takes another one in, in no order: `sort` follows. */
  add(id: number): void {
    if (this.#at === this.#end) {
      this.#at = 0;
      this.#end = 0;
    }
    if (this.#end === this.#ids.length) this.#grow();
    this.#ids[this.#end++] = id;
  }

  /** By the order that their owner gives them now. */
  sort(): void {
    if (this.#isSorted()) return;
    // What was scheduled in order comes newest first out of a list.
    this.#ids.subarray(this.#at, this.#end).reverse();
    if (this.#isSorted()) return;
    const sorted = [...this.ids()].sort((a, b) => (this.#precedes(a, b) ? -1 : 1));
    this.#ids.set(sorted, this.#at);
  }

  /** Removes the first. */
  shift(): number {
    return this.#ids[this.#at++];
  }

  ids(): Int32Array {
    return this.#ids.subarray(this.#at, this.#end);
  }

  #isSorted(): boolean {
    for (let at = this.#at + 1; at < this.#end; at++) {
      if (!this.#precedes(this.#ids[at - 1], this.#ids[at])) return false;
    }
    return true;
  }

  #grow(): void {
    const ids = new Int32Array(this.#ids.length * 2);
    ids.set(this.#ids);
    this.#ids = ids;
  }
}
