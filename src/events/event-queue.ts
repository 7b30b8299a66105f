/**
 * The event set for what mostly comes in order, such as the ends of a constant network delay or
 * timeout: a ring for that, and a timing wheel, made when it is first needed, for the rest.
 */
import type { Precedes } from "./precedes.ts";
import { TimingWheel } from "./timing-wheel.ts";

export class EventQueue {
  readonly #precedes: Precedes;
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
  }

  get size(): number {
    return this.#count + (this.#wheel?.size ?? 0);
  }

  /** Time of the first entry; Infinity when there is none. */
  nextAtUs(): number {
    return this.#ringUs < this.#wheelUs ? this.#ringUs : this.#wheelUs;
  }

  /** `atUs` is an integer, and not before the time of what was popped last. */
  push(atUs: number, id: number): void {
    if (this.#count === 0) this.#ringUs = atUs;
    else if (atUs < this.#tailUs) {
      this.#pushToWheel(atUs, id);
      return;
    }
    if (this.#count > this.#mask) this.#grow();
    let at = (this.#head + this.#count++) & this.#mask;
    if (atUs === this.#tailUs) at = this.#placeAmongTies(at, atUs, id);
    this.#dueUs[at] = atUs;
    this.#ids[at] = id;
    this.#tailUs = atUs;
  }

  /** Removes the first entry and returns its id. */
  pop(): number {
    return this.#isRingFirst() ? this.#popFromRing() : this.#popFromWheel();
  }

  /** Every id, in no order; nothing is removed. */
  *ids(): Generator<number> {
    for (let i = 0; i < this.#count; i++) yield this.#ids[(this.#head + i) & this.#mask];
    if (this.#wheel !== undefined) yield* this.#wheel.ids();
  }

  /** Moves up those of the same time that go later. */
  #placeAmongTies(end: number, atUs: number, id: number): number {
    let at = end;
    while (at !== this.#head) {
      const before = (at - 1) & this.#mask;
      if (this.#dueUs[before] !== atUs || this.#precedes(this.#ids[before], id)) break;
      this.#dueUs[at] = atUs;
      this.#ids[at] = this.#ids[before];
      at = before;
    }
    return at;
  }

  #isRingFirst(): boolean {
    if (this.#ringUs !== this.#wheelUs) return this.#ringUs < this.#wheelUs;
    return this.#precedes(this.#ids[this.#head], this.#wheel?.peek() ?? -1);
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
