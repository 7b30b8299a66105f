/**
 * The event set for what mostly comes in order, such as the ends of a constant network delay or
 * timeout: a ring for that, and a timing wheel, made when it is first needed, for the rest.
 */
import { Agenda, type AgendaPlace } from "./agenda.ts";
import type { Precedes } from "./precedes.ts";
import { TickBatch } from "./tick-batch.ts";
import { TimingWheel } from "./timing-wheel.ts";

export class EventQueue {
  readonly #precedes: Precedes;
  /** What is due at the first time, once something of that time was popped. */
  readonly #batch: TickBatch;
  #batchUs = NEVER;
  #dueUs = new Float64Array(64);
  #ids = new Int32Array(64);
  #mask = 63;
  #head = 0;
  #count = 0;
  #tailUs = 0;
  #wheel: TimingWheel | undefined;
  readonly #nextUs: Float64Array;
  readonly #place: number;

  /** `precedes` orders what is due at the same time. Ids are not negative. */
  constructor(
    precedes: Precedes,
    { agenda = new Agenda(1), place = 0 }: Partial<AgendaPlace> = {},
  ) {
    this.#nextUs = agenda.dueUs;
    this.#place = place;
    this.#nextUs[place] = NEVER;
    this.#precedes = precedes;
    this.#batch = new TickBatch(precedes);
  }

  get size(): number {
    return this.#batch.size + this.#count + (this.#wheel?.size ?? 0);
  }

  /** Time of the first entry; Infinity when there is none. */
  nextAtUs(): number {
    return this.#nextUs[this.#place];
  }

  /** `atUs` is an integer, and not before the time of what was popped last. */
  push(atUs: number, id: number): void {
    if (atUs === this.#batchUs) {
      this.#batch.add(id);
      this.#batch.sort();
      return;
    }
    if (this.#count > 0 && atUs < this.#tailUs) this.#pushToWheel(atUs, id);
    else this.#pushToRing(atUs, id);
    if (atUs < this.#nextUs[this.#place]) this.#nextUs[this.#place] = atUs;
  }

  /** Removes the first entry and returns its id. */
  pop(): number {
    const id = this.#isRingFirst() ? this.#popFromRing() : this.#popFromBatch();
    this.#nextUs[this.#place] = this.#findNextUs();
    return id;
  }

  /** Removes entries from the front for as long as they are over: nobody will miss them. */
  skip(isOver: (atUs: number, id: number) => boolean): void {
    while (this.#isRingFirst() && isOver(this.#dueUs[this.#head], this.#ids[this.#head])) {
      this.#popFromRing();
    }
    this.#nextUs[this.#place] = this.#findNextUs();
  }

  /** Every id, in no order; nothing is removed. */
  *ids(): Generator<number> {
    yield* this.#batch.ids();
    for (let i = 0; i < this.#count; i++) yield this.#ids[(this.#head + i) & this.#mask];
    if (this.#wheel !== undefined) yield* this.#wheel.ids();
  }

  /** Whether the ring's first entry is the first of all, and the only one of its time. */
  #isRingFirst(): boolean {
    if (this.#count === 0 || this.#batch.size > 0) return false;
    const firstUs = this.#dueUs[this.#head];
    if (this.#count > 1 && this.#dueUs[(this.#head + 1) & this.#mask] === firstUs) return false;
    return this.#wheel === undefined || firstUs < this.#wheel.nextAtUs();
  }

  #popFromBatch(): number {
    if (this.#batch.size === 0) this.#fillBatch(this.#nextUs[this.#place]);
    const id = this.#batch.shift();
    if (this.#batch.size === 0) this.#batchUs = NEVER;
    return id;
  }

  /** All that is due at that time, which is the first. */
  #fillBatch(atUs: number): void {
    while (this.#count > 0 && this.#dueUs[this.#head] === atUs)
      this.#batch.add(this.#popFromRing());
    while (this.#wheel?.nextAtUs() === atUs) this.#batch.add(this.#wheel.pop());
    this.#batch.sort();
    this.#batchUs = atUs;
  }

  #findNextUs(): number {
    if (this.#batch.size > 0) return this.#batchUs;
    const ringUs = this.#count > 0 ? this.#dueUs[this.#head] : NEVER;
    if (this.#wheel === undefined) return ringUs;
    return Math.min(ringUs, this.#wheel.nextAtUs());
  }

  #pushToRing(atUs: number, id: number): void {
    if (this.#count > this.#mask) this.#grow();
    const at = (this.#head + this.#count++) & this.#mask;
    this.#dueUs[at] = atUs;
    this.#ids[at] = id;
    this.#tailUs = atUs;
  }

  #popFromRing(): number {
    const id = this.#ids[this.#head];
    this.#head = (this.#head + 1) & this.#mask;
    this.#count--;
    return id;
  }

  #pushToWheel(atUs: number, id: number): void {
    this.#wheel ??= new TimingWheel(this.#precedes);
    this.#wheel.push(atUs, id);
  }

  /** What went round the end then begins at 0. */
  #grow(): void {
    const dueUs = new Float64Array(this.#dueUs.length * 2);
    const ids = new Int32Array(dueUs.length);
    for (let i = 0; i < this.#count; i++) {
      const from = (this.#head + i) & this.#mask;
      dueUs[i] = this.#dueUs[from];
      ids[i] = this.#ids[from];
    }
    this.#dueUs = dueUs;
    this.#ids = ids;
    this.#mask = dueUs.length - 1;
    this.#head = 0;
  }
}

const NEVER = Number.POSITIVE_INFINITY;
