/** Looks at one record of a column of calls, in the form that `Ask` writes to. */
import type { Call } from "../ask.ts";
import type { Outcome } from "../policy.ts";

export class CallWindow implements Call {
  #doubles = new Float64Array(64 * DOUBLES);
  #ints = new Int32Array(this.#doubles.buffer);
  readonly #outcomes: (Outcome | undefined)[] = [];
  #slot = 0;
  #double = 0;
  #int = 0;

  moveTo(slot: number): void {
    this.#slot = slot;
    this.#double = slot * DOUBLES;
    this.#int = slot * INTS;
  }

  makeRoomFor(records: number): void {
    this.#outcomes.push(undefined);
    if (records * DOUBLES <= this.#doubles.length) return;
    const doubles = new Float64Array(Math.ceil(records * 1.5) * DOUBLES);
    doubles.set(this.#doubles);
    this.#doubles = doubles;
    this.#ints = new Int32Array(doubles.buffer);
  }

  precedes(slot: number, other: number): boolean {
    const ints = this.#ints;
    const a = slot * INTS;
    const b = other * INTS;
    if (ints[a + CLIENT] !== ints[b + CLIENT]) return ints[a + CLIENT] < ints[b + CLIENT];
    return ints[a + CALL] <= ints[b + CALL];
  }

  get startedMs(): number {
    return this.#doubles[this.#double + STARTED];
  }

  set startedMs(ms: number) {
    this.#doubles[this.#double + STARTED] = ms;
  }

  get delayBeforeMs(): number {
    return this.#doubles[this.#double + DELAY_BEFORE];
  }

  set delayBeforeMs(ms: number) {
    this.#doubles[this.#double + DELAY_BEFORE] = ms;
  }

  get waitFromMs(): number {
    return this.#doubles[this.#double + WAIT_FROM];
  }

  set waitFromMs(ms: number) {
    this.#doubles[this.#double + WAIT_FROM] = ms;
  }

  get waitUntilMs(): number {
    return this.#doubles[this.#double + WAIT_UNTIL];
  }

  set waitUntilMs(ms: number) {
    this.#doubles[this.#double + WAIT_UNTIL] = ms;
  }

  /** When the wait ends, or the limit on the session reset or on the requests in turn. */
  get untilUs(): number {
    return this.#doubles[this.#double + UNTIL];
  }

  set untilUs(us: number) {
    this.#doubles[this.#double + UNTIL] = us;
  }

  get deadlineMs(): number | undefined {
    const ms = this.#doubles[this.#double + DEADLINE];
    return ms === Infinity ? undefined : ms;
  }

  set deadlineMs(ms: number | undefined) {
    this.#doubles[this.#double + DEADLINE] = ms ?? Infinity;
  }

  get outcome(): Outcome | undefined {
    return this.#outcomes[this.#slot];
  }

  set outcome(outcome: Outcome | undefined) {
    this.#outcomes[this.#slot] = outcome;
  }

  get client(): number {
    return this.#ints[this.#int + CLIENT];
  }

  set client(value: number) {
    this.#ints[this.#int + CLIENT] = value;
  }

  get call(): number {
    return this.#ints[this.#int + CALL];
  }

  set call(value: number) {
    this.#ints[this.#int + CALL] = value;
  }

  get attempt(): number {
    return this.#ints[this.#int + ATTEMPT];
  }

  set attempt(value: number) {
    this.#ints[this.#int + ATTEMPT] = value;
  }

  get wakes(): number {
    return this.#ints[this.#int + WAKES];
  }

  set wakes(value: number) {
    this.#ints[this.#int + WAKES] = value;
  }

  /** What the call is doing. */
  get stage(): number {
    return this.#ints[this.#int + STAGE];
  }

  set stage(value: number) {
    this.#ints[this.#int + STAGE] = value;
  }

  /** Slot of the request in flight; -1 when there is none. */
  get request(): number {
    return this.#ints[this.#int + REQUEST];
  }

  set request(value: number) {
    this.#ints[this.#int + REQUEST] = value;
  }

  /** Whether a flag change has just cut its wait short, for now. */
  get isWoken(): boolean {
    return this.#ints[this.#int + WOKEN] === 1;
  }

  set isWoken(is: boolean) {
    this.#ints[this.#int + WOKEN] = is ? 1 : 0;
  }

  /** By which policy it is decided, to its end; see `Versions`. */
  get version(): number {
    return this.#ints[this.#int + VERSION];
  }

  set version(value: number) {
    this.#ints[this.#int + VERSION] = value;
  }

  /** Attempts sent beside its first; see `Call`. */
  get hedges(): number {
    return this.#ints[this.#int + HEDGES];
  }

  set hedges(value: number) {
    this.#ints[this.#int + HEDGES] = value;
  }

  /** Slot of the call whose attempt this is, one of several in flight; -1: it is the call itself. */
  get rides(): number {
    return this.#ints[this.#int + RIDES];
  }

  set rides(slot: number) {
    this.#ints[this.#int + RIDES] = slot;
  }

  get startedUs(): number {
    return Math.round(this.startedMs * 1000);
  }
}

// Where the numbers of a record lie: doubles first, then integers over the same bytes.
const DOUBLES = 11;
const STARTED = 0;
const DELAY_BEFORE = 1;
const WAIT_FROM = 2;
const WAIT_UNTIL = 3;
const UNTIL = 4;
const DEADLINE = 5;
const INTS = 22;
const CLIENT = 12;
const CALL = 13;
const ATTEMPT = 14;
const WAKES = 15;
const STAGE = 16;
const REQUEST = 17;
const WOKEN = 18;
const VERSION = 19;
const HEDGES = 20;
const RIDES = 21;
