/** One level of the timing wheel: 4,096 slots of entries in no order. */
import { CHUNK, type ChunkPool } from "./chunk-pool.ts";
import { SlotMap } from "./slot-map.ts";

/** A window is as long as it has slots, in microseconds. */
export const WINDOW_BITS = 12;
export const SLOTS = 2 ** WINDOW_BITS;

/** Whoever is given a stretch of times and ids by turns. */
export interface TakesEntries {
  takeEntries(numbers: Int32Array, from: number, to: number): void;
}

export class WheelLevel implements TakesEntries {
  readonly #pool: ChunkPool;
  readonly #filled = new SlotMap();
  /** Just past the slot's last entry: a multiple of a chunk's length when its chunk is full, 0 when there is none. */
  readonly #end = new Int32Array(SLOTS);
  readonly #firstTime = new Int32Array(SLOTS).fill(NEVER);

  constructor(pool: ChunkPool) {
    this.#pool = pool;
  }

  push(slot: number, time: number, id: number): void {
    const ends = this.#end;
    const firstTimes = this.#firstTime;
    let end = ends[slot];
    if ((end & (CHUNK - 1)) === 0) end = this.#newChunk(slot, end);
    const { numbers } = this.#pool;
    numbers[end] = time;
    numbers[end + 1] = id;
    ends[slot] = end + 2;
    if (time < firstTimes[slot]) firstTimes[slot] = time;
  }

  /** By the windows that they belong to. */
  takeEntries(numbers: Int32Array, from: number, to: number): void {
    for (let at = from; at < to; at += 2) {
      this.push(numbers[at] >> WINDOW_BITS, numbers[at], numbers[at + 1]);
    }
  }

  /** The first slot that holds something; -1 when none does. */
  first(): number {
    return this.#filled.firstFrom(0);
  }

  /** The earliest time in that slot. */
  firstTimeOf(slot: number): number {
    return this.#firstTime[slot];
  }

  /** Empties the slot into that one, a chunk at a time, newest first. */
  drain(slot: number, into: TakesEntries): void {
    const pool = this.#pool;
    let to = this.#end[slot];
    this.#end[slot] = 0;
    this.#firstTime[slot] = NEVER;
    this.#filled.delete(slot);
    let chunk = Math.ceil(to / CHUNK) - 1;
    while (chunk >= 0) {
      into.takeEntries(pool.numbers, chunk * CHUNK, to);
      const before = pool.before[chunk];
      pool.giveBack(chunk);
      chunk = before;
      to = (before + 1) * CHUNK;
    }
  }

  /** Where its first entry goes. */
  #newChunk(slot: number, end: number): number {
    if (end === 0) this.#filled.add(slot);
    return this.#pool.take(end / CHUNK - 1) * CHUNK;
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
