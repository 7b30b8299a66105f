/**
 * The event set of a run with many clients: push and pop cost the same however many entries there are.
 *
 * A hierarchical timing wheel (Varghese and Lauck, "Hashed and hierarchical timing wheels", SOSP 1987,
 * https://doi.org/10.1145/41457.37504) over integer microseconds: windows of 4.1 ms, blocks of 16.8 s,
 * epochs of 19 hours, and a heap for what lies beyond. An entry moves a level down when its time comes
 * near; what is due in one microsecond is put in order when it comes up.
 */
import { Agenda, type AgendaPlace } from "./agenda.ts";
import { ChunkPool } from "./chunk-pool.ts";
import { EventHeap } from "./event-heap.ts";
import type { Precedes } from "./precedes.ts";
import { TickBatch } from "./tick-batch.ts";
import { WheelLevel, WINDOW_BITS } from "./wheel-level.ts";
import { type Touch, WheelWindow } from "./wheel-window.ts";

const WINDOW_US = 2 ** WINDOW_BITS;
const BLOCK_US = 2 ** 24;
const EPOCH_US = 2 ** 36;
const NEVER = Number.POSITIVE_INFINITY;

export interface WheelOptions extends Partial<AgendaPlace> {
  /** How many entries to make room for at once. */
  readonly room?: number;
  /** Told what comes up within the next window, times and ids by turns: to read what will be needed, all at once. */
  readonly touch?: Touch;
}

export class TimingWheel {
  readonly #batch: TickBatch;
  readonly #window: WheelWindow;
  readonly #windows: WheelLevel;
  readonly #blocks: WheelLevel;
  readonly #beyond: EventHeap;
  #windowUs = 0;
  /** Of the window: where the last entry was popped. */
  #slot = 0;
  #blockUs = 0;
  #epochUs = 0;
  readonly #dueUs: Float64Array;
  readonly #place: number;
  #size = 0;

  /** `precedes` orders what is due at the same time. Ids are not negative. */
  constructor(
    precedes: Precedes,
    { room = 0, touch, agenda = new Agenda(1), place = 0 }: WheelOptions = {},
  ) {
    this.#dueUs = agenda.dueUs;
    this.#place = place;
    this.#dueUs[place] = NEVER;
    const pool = new ChunkPool(room);
    this.#batch = new TickBatch(precedes);
    this.#windows = new WheelLevel(pool);
    this.#blocks = new WheelLevel(pool);
    this.#beyond = new EventHeap(precedes);
    this.#window = new WheelWindow(touch);
  }

  get size(): number {
    return this.#size;
  }

  /** Time of the first entry; Infinity when there is none. */
  nextAtUs(): number {
    return this.#dueUs[this.#place];
  }

  /**
   * `atUs` is an integer.
   *
   * @throws {Error} when it is long before what was popped last: a defect of the caller
   */
  push(atUs: number, id: number): void {
    this.#size++;
    const nextUs = this.#dueUs[this.#place];
    if (atUs === nextUs && this.#batch.size > 0) {
      this.#batch.add(id);
      this.#batch.sort();
      return;
    }
    if (atUs < nextUs) this.#dueUs[this.#place] = atUs;
    const inWindow = atUs - this.#windowUs;
    if (inWindow >= WINDOW_US) this.#pushFar(atUs, id);
    else if (inWindow >= 0) this.#window.push(inWindow, id);
    else throw new Error(`Expected events from ${this.#windowUs} µs on, got one at ${atUs} µs.`);
  }

  /** Removes the first entry and returns its id. */
  pop(): number {
    this.#size--;
    const batch = this.#batch;
    const dueUs = this.#dueUs;
    const place = this.#place;
    const id = batch.size > 0 ? batch.shift() : this.#popDue(dueUs[place]);
    if (batch.size === 0) dueUs[place] = this.#findNextUs();
    return id;
  }

  /** Every id, in no order; nothing is removed. */
  *ids(): Generator<number> {
    yield* this.#batch.ids();
    yield* this.#window.ids();
    yield* this.#windows.ids();
    yield* this.#blocks.ids();
    yield* this.#beyond.ids();
  }

  #pushFar(atUs: number, id: number): void {
    const inBlock = atUs - this.#blockUs;
    if (inBlock < BLOCK_US) this.#windows.push(inBlock >> WINDOW_BITS, inBlock, id);
    else if (atUs - this.#epochUs < EPOCH_US) this.#pushToBlock(atUs, id);
    else this.#beyond.push(atUs, id);
  }

  #pushToBlock(atUs: number, id: number): void {
    const block = Math.floor((atUs - this.#epochUs) / BLOCK_US);
    this.#blocks.push(block, atUs - this.#epochUs - block * BLOCK_US, id);
  }

  /** What is due at that time, which is the first; if it is more than one, the others wait in the batch. */
  #popDue(atUs: number): number {
    if (atUs - this.#windowUs >= WINDOW_US) this.#moveTo(atUs);
    const slot = atUs - this.#windowUs;
    this.#slot = slot;
    const only = this.#window.takeOnly(slot);
    if (only >= 0) return only;
    const batch = this.#batch;
    for (let id = this.#window.take(slot); id >= 0; id = this.#window.take(slot)) batch.add(id);
    batch.sort();
    return batch.shift();
  }

  /** The window moves to that time; it is empty, and so is the block if it must move too. */
  #moveTo(atUs: number): void {
    if (atUs - this.#blockUs >= BLOCK_US) this.#moveBlockTo(atUs);
    const slot = (atUs - this.#blockUs) >> WINDOW_BITS;
    this.#windowUs = this.#blockUs + slot * WINDOW_US;
    this.#windows.drain(slot, this.#window);
  }

  #moveBlockTo(atUs: number): void {
    if (atUs - this.#epochUs >= EPOCH_US) this.#moveEpochTo(atUs);
    const block = Math.floor((atUs - this.#epochUs) / BLOCK_US);
    this.#blockUs = this.#epochUs + block * BLOCK_US;
    this.#blocks.drain(block, this.#windows);
  }

  #moveEpochTo(atUs: number): void {
    this.#epochUs = Math.floor(atUs / EPOCH_US) * EPOCH_US;
    while (this.#beyond.nextAtUs() - this.#epochUs < EPOCH_US) {
      this.#pushToBlock(this.#beyond.nextAtUs(), this.#beyond.pop());
    }
  }

  #findNextUs(): number {
    const slot = this.#window.firstFrom(this.#slot);
    if (slot >= 0) return this.#windowUs + slot;
    const window = this.#windows.first();
    if (window >= 0) return this.#blockUs + this.#windows.firstTimeOf(window);
    const block = this.#blocks.first();
    if (block >= 0) return this.#epochUs + block * BLOCK_US + this.#blocks.firstTimeOf(block);
    return this.#beyond.nextAtUs();
  }
}
