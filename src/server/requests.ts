/**
 * The requests in flight of one run, each a record of 64 bytes, one cache line; a request lives until
 * its caller, the server and whoever the server calls for it are done with it.
 */
export class Requests {
  #doubles = new Float64Array(256 * DOUBLES);
  #ints = new Int32Array(this.#doubles.buffer);
  #free = new Int32Array(256);
  #freeCount = 0;
  #used = 0;
  #room = 256;

  /** Part 0 is the attempt itself; 1, 2, … are the requests of the session reset before it. */
  open(client: number, call: number, attempt: number, part: number, owner: number): number {
    const slot = this.#freeCount > 0 ? this.#free[--this.#freeCount] : this.#newSlot();
    const at = slot * INTS;
    const ints = this.#ints;
    ints[at + CLIENT] = client;
    ints[at + CALL] = call;
    ints[at + ORDER] = attempt * PARTS + part;
    ints[at + OWNER] = owner;
    ints[at + LEFT] = 0;
    ints[at + HOLDERS] = 2;
    return slot;
  }

  client(slot: number): number {
    return this.#ints[slot * INTS + CLIENT];
  }

  call(slot: number): number {
    return this.#ints[slot * INTS + CALL];
  }

  attempt(slot: number): number {
    return Math.floor(this.#ints[slot * INTS + ORDER] / PARTS);
  }

  part(slot: number): number {
    return this.#ints[slot * INTS + ORDER] & (PARTS - 1);
  }

  /** The driver's own number, such as where it keeps the call. */
  owner(slot: number): number {
    return this.#ints[slot * INTS + OWNER];
  }

  /** Whether the caller no longer waits for an answer. */
  hasLeft(slot: number): boolean {
    return this.#ints[slot * INTS + LEFT] === 1;
  }

  /** Until when the caller waits; Infinity when the server cannot know. */
  limitUs(slot: number): number {
    return this.#doubles[slot * DOUBLES + LIMIT];
  }

  setLimitUs(slot: number, us: number): void {
    this.#doubles[slot * DOUBLES + LIMIT] = us;
  }

  arrivedUs(slot: number): number {
    return this.#doubles[slot * DOUBLES + ARRIVED];
  }

  setArrivedUs(slot: number, us: number): void {
    this.#doubles[slot * DOUBLES + ARRIVED] = us;
  }

  serviceUs(slot: number): number {
    return this.#doubles[slot * DOUBLES + SERVICE];
  }

  setServiceUs(slot: number, us: number): void {
    this.#doubles[slot * DOUBLES + SERVICE] = us;
  }

  /** The caller has its answer, or waits no longer. */
  leave(slot: number): void {
    this.#ints[slot * INTS + LEFT] = 1;
    this.#release(slot);
  }

  /** A call is made for it; it is `done` with when that ends. */
  hold(slot: number): void {
    this.#ints[slot * INTS + HOLDERS]++;
  }

  /** The server and the network are done with it. */
  done(slot: number): void {
    this.#release(slot);
  }

  /** What is due in one tick goes by client, call, attempt and part. */
  readonly precedes = (slot: number, other: number): boolean => {
    const ints = this.#ints;
    const a = slot * INTS;
    const b = other * INTS;
    if (ints[a + CLIENT] !== ints[b + CLIENT]) return ints[a + CLIENT] < ints[b + CLIENT];
    if (ints[a + CALL] !== ints[b + CALL]) return ints[a + CALL] < ints[b + CALL];
    return ints[a + ORDER] <= ints[b + ORDER];
  };

  #release(slot: number): void {
    if (--this.#ints[slot * INTS + HOLDERS] === 0) this.#free[this.#freeCount++] = slot;
  }

  #newSlot(): number {
    if (this.#used === this.#room) this.#grow();
    return this.#used++;
  }

  #grow(): void {
    this.#room *= 2;
    const doubles = new Float64Array(this.#room * DOUBLES);
    doubles.set(this.#doubles);
    this.#doubles = doubles;
    this.#ints = new Int32Array(doubles.buffer);
    const free = new Int32Array(this.#room);
    free.set(this.#free);
    this.#free = free;
  }
}

/** More than a session reset has requests. */
const PARTS = 128;

// Where the numbers of a record lie: doubles first, then integers over the same bytes.
const DOUBLES = 8;
const ARRIVED = 0;
const SERVICE = 1;
const LIMIT = 2;
const INTS = 16;
const CLIENT = 6;
const CALL = 7;
const ORDER = 8;
const OWNER = 9;
const LEFT = 10;
const HOLDERS = 11;
