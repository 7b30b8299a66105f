/**
 * The event set for what mostly comes in order, such as the ends of a constant network delay or
 * timeout: a ring for that, and a timing wheel, made when it is first needed, for the rest.
 */
import type { Precedes } from "./precedes.ts";
import { TickBatch } from "./tick-batch.ts";
import { TimingWheel } from "./timing-wheel.ts";

export class EventQueue {
  readonly #precedes: Precedes;
  /** What is due at the first time, once something of that time was popped. */
  readonly #batch: TickBatch;
  #batchUs = Infinity;
  #dueUs = new Float64Array(64);
  #ids = new Int32Array(64);
  #mask = 63;
  #head = 0;
  #count = 0;
  #tailUs = -Infinity;
  #ringUs = Infinity;
  #wheelUs = Infinity;
  #wheel: TimingWheel | undefined;

  /** `precedes` orders what is due at the same time. Ids are not negative. */
  constructor(precedes: Precedes) {
    this.#precedes = precedes;
    this.#batch = new TickBatch(precedes);
  }

  get size(): number {
    return this.#batch.size + this.#count + (this.#wheel?.size ?? 0);
  }

  /** Time of the first entry; Infinity when there is none. */
  nextAtUs(): number {
    return Math.min(this.#batchUs, this.#ringUs, this.#wheelUs);
  }

  /** `atUs` is an integer, and not before the time of what was popped last. */
  push(atUs: number, id: number): void {
    if (atUs === this.#batchUs) {
      this.#batch.add(id);
      this.#batch.sort();
    } else if (this.#count > 0 && atUs < this.#tailUs) this.#pushToWheel(atUs, id);
    else this.#pushToRing(atUs, id);
  }

  /** Removes the first entry and returns its id. */
  pop(): number {
    if (this.#batch.size === 0) {
      if (this.#isRingFirst()) return this.#popFromRing();
      this.#fillBatch(this.nextAtUs());
    }
    const id = this.#batch.shift();
    if (this.#batch.size === 0) this.#batchUs = Infinity;
    return id;
  }

  /** Every id, in no order; nothing is removed. */
  *ids(): Generator<number> {
    yield* this.#batch.ids();
    for (let i = 0; i < this.#count; i++) yield this.#ids[(this.#head + i) & this.#mask];
    if (this.#wheel !== undefined) yield* this.#wheel.ids();
  }

  /** Whether its first entry is the only one of its time. */
  #isRingFirst(): boolean {
    const second = (this.#head + 1) & this.#mask;
    return (
      this.#ringUs < this.#wheelUs && (this.#count === 1 || this.#dueUs[second] !== this.#ringUs)
    );
  }

  #fillBatch(atUs: number): void {
    while (this.#ringUs === atUs) this.#batch.add(this.#popFromRing());
    while (this.#wheelUs === atUs) this.#batch.add(this.#popFromWheel());
    this.#batch.sort();
    this.#batchUs = atUs;
  }

  #pushToRing(atUs: number, id: number): void {
    if (this.#count === 0) this.#ringUs = atUs;
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
    this.#ringUs = this.#count > 0 ? this.#dueUs[this.#head] : Infinity;
    return id;
  }

  #pushToWheel(atUs: number, id: number): void {
    this.#wheel ??= new TimingWheel(this.#precedes);
    this.#wheel.push(atUs, id);
    this.#wheelUs = this.#wheel.nextAtUs();
  }

  #popFromWheel(): number {
    if (this.#wheel === undefined) throw new Error("Nothing to pop: the event queue is empty.");
    const id = this.#wheel.pop();
    this.#wheelUs = this.#wheel.nextAtUs();
    return id;
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
