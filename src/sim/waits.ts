/** The calls that wait, each a record of 64 bytes; a call that waits is nowhere else. */
import type { Call } from "../ask.ts";

export class Waits {
  #doubles = new Float64Array(64 * DOUBLES);
  #ints = new Int32Array(this.#doubles.buffer);
  readonly #free: number[] = [];
  #used = 0;

  /** Takes a call in; returns the number of its record. `end`: how its last attempt ended. */
  put(call: Call, untilUs: number, version: number, end: number): number {
    const at = this.#free.pop() ?? this.#newRecord();
    const d = at * DOUBLES;
    const i = at * INTS;
    const doubles = this.#doubles;
    const ints = this.#ints;
    doubles[d + UNTIL] = untilUs;
    doubles[d + STARTED] = call.startedMs;
    doubles[d + WAIT_FROM] = call.waitFromMs;
    doubles[d + WAIT_UNTIL] = call.waitUntilMs;
    doubles[d + DEADLINE] = call.deadlineMs ?? Infinity;
    ints[i + CLIENT] = call.client;
    ints[i + CALL] = call.call;
    ints[i + ATTEMPT] = call.attempt;
    ints[i + WAKES] = call.wakes;
    ints[i + VERSION] = version;
    ints[i + END] = end;
    return at;
  }

  /** Writes to the call what `put` read of it, but for its outcome. */
  read(at: number, call: Call): void {
    const d = at * DOUBLES;
    const i = at * INTS;
    const doubles = this.#doubles;
    const ints = this.#ints;
    call.client = ints[i + CLIENT];
    call.call = ints[i + CALL];
    call.attempt = ints[i + ATTEMPT];
    call.wakes = ints[i + WAKES];
    call.startedMs = doubles[d + STARTED];
    call.waitFromMs = doubles[d + WAIT_FROM];
    call.waitUntilMs = doubles[d + WAIT_UNTIL];
    const deadlineMs = doubles[d + DEADLINE];
    call.deadlineMs = deadlineMs === Infinity ? undefined : deadlineMs;
  }

  client(at: number): number {
    return this.#ints[at * INTS + CLIENT];
  }

  version(at: number): number {
    return this.#ints[at * INTS + VERSION];
  }

  end(at: number): number {
    return this.#ints[at * INTS + END];
  }

  /** Whether its wait ends then; false too when the record is free, or another's. */
  isDue(at: number, nowUs: number): boolean {
    const untilUs = this.#doubles[at * DOUBLES + UNTIL];
    return untilUs === nowUs || untilUs === WOKEN;
  }

  /** Its wait is cut short, for now. */
  wake(at: number): void {
    this.#doubles[at * DOUBLES + UNTIL] = WOKEN;
  }

  free(at: number): void {
    this.#doubles[at * DOUBLES + UNTIL] = FREE;
    this.#free.push(at);
  }

  /** Records in use, in no order. */
  *all(): Generator<number> {
    for (let at = 0; at < this.#used; at++) {
      if (this.#doubles[at * DOUBLES + UNTIL] !== FREE) yield at;
    }
  }

  /** What is due in one tick goes by client and call. */
  readonly precedes = (at: number, other: number): boolean => {
    const ints = this.#ints;
    const a = at * INTS;
    const b = other * INTS;
    if (ints[a + CLIENT] !== ints[b + CLIENT]) return ints[a + CLIENT] < ints[b + CLIENT];
    return ints[a + CALL] <= ints[b + CALL];
  };

  #newRecord(): number {
    if ((this.#used + 1) * DOUBLES > this.#doubles.length) {
      const doubles = new Float64Array(this.#doubles.length * 2);
      doubles.set(this.#doubles);
      this.#doubles = doubles;
      this.#ints = new Int32Array(doubles.buffer);
    }
    return this.#used++;
  }
}

// Where the numbers of a record lie: doubles first, then integers over the same bytes.
const DOUBLES = 8;
const UNTIL = 0;
const STARTED = 1;
const WAIT_FROM = 2;
const WAIT_UNTIL = 3;
const DEADLINE = 4;
const INTS = 16;
const CLIENT = 10;
const CALL = 11;
const ATTEMPT = 12;
const WAKES = 13;
const VERSION = 14;
const END = 15;

// In the place of a wait's end.
const FREE = -1;
const WOKEN = -2;
