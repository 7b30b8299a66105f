/**
 * The plainest fast event set: a 4-ary heap. Its cost grows with the logarithm of what it holds; the
 * timing wheel is tested against it, and keeps here what lies beyond its horizon.
 */
import type { Precedes } from "./precedes.ts";

export class EventHeap {
  readonly #precedes: Precedes;
  #dueUs = new Float64Array(16);
  #ids = new Int32Array(16);
  #size = 0;

  constructor(precedes: Precedes) {
    this.#precedes = precedes;
  }

  get size(): number {
    return this.#size;
  }

  /** Time of the first entry; Infinity when there is none. */
  nextAtUs(): number {
    return this.#size > 0 ? this.#dueUs[0] : Infinity;
  }

  push(atUs: number, id: number): void {
    if (this.#size === this.#ids.length) this.#grow();
    let at = this.#size++;
    while (at > 0) {
      const parent = (at - 1) >> 2;
      if (this.#isBefore(this.#dueUs[parent], this.#ids[parent], atUs, id)) break;
      this.#move(parent, at);
      at = parent;
    }
    this.#put(at, atUs, id);
  }

  /** Removes the first entry and returns its id. */
  pop(): number {
    const id = this.#ids[0];
    const last = --this.#size;
    this.#siftDown(this.#dueUs[last], this.#ids[last]);
    return id;
  }

  /** Every id, in no order; nothing is removed. */
  ids(): Int32Array {
    return this.#ids.subarray(0, this.#size);
  }

  /** Puts the entry in where the first one was. */
  #siftDown(atUs: number, id: number): void {
    let at = 0;
    for (let child = 1; child < this.#size; child = at * 4 + 1) {
      const first = this.#firstFrom(child);
      if (this.#isBefore(atUs, id, this.#dueUs[first], this.#ids[first])) break;
      this.#move(first, at);
      at = first;
    }
    this.#put(at, atUs, id);
  }

  /** The first to go of up to four siblings. */
  #firstFrom(child: number): number {
    const end = Math.min(child + 4, this.#size);
    let first = child;
    for (let other = child + 1; other < end; other++) {
      const isFirst = this.#isBefore(
        this.#dueUs[first],
        this.#ids[first],
        this.#dueUs[other],
        this.#ids[other],
      );
      if (!isFirst) first = other;
    }
    return first;
  }

  #isBefore(atUs: number, id: number, otherUs: number, other: number): boolean {
    return atUs < otherUs || (atUs === otherUs && this.#precedes(id, other));
  }

  #move(from: number, to: number): void {
    this.#put(to, this.#dueUs[from], this.#ids[from]);
  }

  #put(at: number, dueUs: number, id: number): void {
    this.#dueUs[at] = dueUs;
    this.#ids[at] = id;
  }

  #grow(): void {
    const dueUs = new Float64Array(this.#ids.length * 2);
    dueUs.set(this.#dueUs);
    this.#dueUs = dueUs;
    const ids = new Int32Array(this.#ids.length * 2);
    ids.set(this.#ids);
    this.#ids = ids;
  }
}
