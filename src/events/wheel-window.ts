/** The finest level of the timing wheel: the 4,096 microseconds around now, each with a list of ids. */
import { SlotMap } from "./slot-map.ts";

export class WheelWindow {
  readonly #filled = new SlotMap();
  readonly #heads = new Int32Array(4096).fill(-1);
  #ids = new Int32Array(64);
  #next = new Int32Array(64);
  #used = 0;
  #free = -1;

  push(slot: number, id: number): void {
    let node = this.#free;
    if (node >= 0) this.#free = this.#next[node];
    else {
      if (this.#used === this.#ids.length) this.#grow();
      node = this.#used++;
    }
    const head = this.#heads[slot];
    if (head < 0) this.#filled.add(slot);
    this.#ids[node] = id;
    this.#next[node] = head;
    this.#heads[slot] = node;
  }

  /** The first slot that holds something; -1 when none does. */
  first(): number {
    return this.#filled.first();
  }

  /** Takes out an id of that slot, the newest first; -1 when there is none left. Ids are not negative. */
  take(slot: number): number {
    const node = this.#heads[slot];
    if (node < 0) return -1;
    const next = this.#next[node];
    this.#heads[slot] = next;
    if (next < 0) this.#filled.delete(slot);
    this.#next[node] = this.#free;
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

  #grow(): void {
    const ids = new Int32Array(this.#ids.length * 2);
    ids.set(this.#ids);
    this.#ids = ids;
    const next = new Int32Array(this.#next.length * 2);
    next.set(this.#next);
    this.#next = next;
  }
}
