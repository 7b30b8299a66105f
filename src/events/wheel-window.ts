/** The finest level of the timing wheel: the 4,096 microseconds around now, each with a list of ids. */
import { SlotMap } from "./slot-map.ts";
import { SLOTS, type TakesEntries } from "./wheel-level.ts";

/** Told what comes up, times and ids by turns: to read what will be needed, all at once. */
export type Touch = (numbers: Int32Array, from: number, to: number) => void;

export class WheelWindow implements TakesEntries {
  readonly #filled = new SlotMap();
  readonly #heads = new Int32Array(SLOTS).fill(-1);
  readonly #touch: Touch | undefined;
  #ids = new Int32Array(64);
  #next = new Int32Array(64);
  #used = 0;
  #free = -1;

  constructor(touch: Touch | undefined) {
    this.#touch = touch;
  }

  takeEntries(numbers: Int32Array, from: number, to: number): void {
    this.#touch?.(numbers, from, to);
    for (let at = from; at < to; at += 2) this.push(numbers[at] & (SLOTS - 1), numbers[at + 1]);
  }

  push(slot: number, id: number): void {
    let node = this.#free;
    const next = this.#next;
    if (node >= 0) this.#free = next[node];
    else node = this.#newNode();
    const heads = this.#heads;
    const head = heads[slot];
    if (head < 0) this.#filled.add(slot);
    this.#ids[node] = id;
    this.#next[node] = head;
    heads[slot] = node;
  }

  /** The first slot from that one on that holds something; -1 when none does. */
  firstFrom(slot: number): number {
    return this.#filled.firstFrom(slot);
  }

  /** Takes out an id of that slot, the newest first; -1 when there is none left. Ids are not negative. */
  take(slot: number): number {
    const heads = this.#heads;
    const node = heads[slot];
    if (node < 0) return -1;
    const nextOf = this.#next;
    const next = nextOf[node];
    heads[slot] = next;
    if (next < 0) this.#filled.delete(slot);
    nextOf[node] = this.#free;
    this.#free = node;
    return this.#ids[node];
  }

  /** Takes out the id of that slot if it is the only one; -1 when there are several. */
  takeOnly(slot: number): number {
    return this.#next[this.#heads[slot]] < 0 ? this.take(slot) : -1;
  }

  /** Every id, in no order; nothing is removed. */
  *ids(): Generator<number> {
    for (let node of this.#heads) {
      for (; node >= 0; node = this.#next[node]) yield this.#ids[node];
    }
  }

  #newNode(): number {
    if (this.#used === this.#ids.length) this.#grow();
    return this.#used++;
  }

  #grow(): void {
    const ids = new Int32Array(this.#ids.length * 2);
    ids.set(this.#ids);
    this.#ids = ids;
    const next = new Int32Array(this.#next.length * 2);
    next.set(this.#next);
    this.#next = next;
  }
}
