/** One level of the timing wheel: 4,096 slots of entries in no order. */
import { CHUNK, type ChunkPool } from "./chunk-pool.ts";
import { SlotMap } from "./slot-map.ts";

export const SLOTS = 4096;

export class WheelLevel {
  readonly #pool: ChunkPool;
  readonly #filled = new SlotMap();
  /** Just past the slot's last entry: a multiple of a chunk's length when its chunk is full, 0 when there is none. */
  readonly #end = new Int32Array(SLOTS);
  readonly #firstTime = new Int32Array(SLOTS).fill(NEVER);

  constructor(pool: ChunkPool) {
    this.#pool = pool;
  }

  push(slot: number, time: number, id: number): void {
    const pool = this.#pool;
    let end = this.#end[slot];
    if ((end & (CHUNK - 1)) === 0) {
      if (end === 0) this.#filled.add(slot);
      end = pool.take(end / CHUNK - 1) * CHUNK;
    }
    pool.numbers[end] = time;
    pool.numbers[end + 1] = id;
    this.#end[slot] = end + 2;
    if (time < this.#firstTime[slot]) this.#firstTime[slot] = time;
  }

  /** The first slot that holds something; -1 when none does. */
  first(): number {
    return this.#filled.first();
  }

  /** The earliest time in that slot. */
  firstTimeOf(slot: number): number {
    return this.#firstTime[slot];
  }

  /** Empties the slot, a chunk at a time, newest first; `take` gets a stretch of times and ids by turns. */
  drain(slot: number, take: (numbers: Int32Array, from: number, to: number) => void): void {
    const pool = this.#pool;
    let to = this.#end[slot];
    this.#end[slot] = 0;
    this.#firstTime[slot] = NEVER;
    this.#filled.delete(slot);
    let chunk = Math.ceil(to / CHUNK) - 1;
    while (chunk >= 0) {
      take(pool.numbers, chunk * CHUNK, to);
      const before = pool.before[chunk];
      pool.giveBack(chunk);
      chunk = before;
      to = (before + 1) * CHUNK;
    }
  }

  /** Every id, in no order; nothing is removed. */
  *ids(): Generator<number> {
    for (const end of this.#end) {
      let to = end;
      for (let chunk = Math.ceil(to / CHUNK) - 1; chunk >= 0; chunk = this.#pool.before[chunk]) {
        for (let at = chunk * CHUNK; at < to; at += 2) yield this.#pool.numbers[at + 1];
        to = (this.#pool.before[chunk] + 1) * CHUNK;
      }
    }
  }
}

/** Above all times of 24 bits. */
const NEVER = 0x7fffffff;
