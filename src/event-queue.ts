/**
 * The event set: entries in order of (time, client, call, attempt, part), whatever order they came in.
 *
 * Two sorted sequences, merged at the front: a ring for entries that come in order (a constant network
 * delay or timeout makes nearly all of them) and a 4-ary heap for the rest. This is the innermost loop
 * of a run: it keeps its numbers side by side in a few arrays, and compares times before anything else.
 */
export class EventQueue {
  // The ring: entries of `WIDTH` numbers; its room is a power of two.
  #ring = new Float64Array(64 * WIDTH);
  #mask = 63;
  #head = 0;
  #ringCount = 0;
  #tailAtUs = -Infinity;

  // The heap: when each entry is due, and where the rest of it lies.
  #dueUs = new Float64Array(64);
  #places = new Int32Array(64);
  #entries = new Float64Array(64 * WIDTH);
  #heapCount = 0;
  readonly #free: number[] = [];
  #used = 0;

  #nextAtUs = Infinity;
  #popped = this.#ring;
  #poppedPlace = 0;

  /** Of the entry popped last, until the next `push`. */
  get client(): number {
    return this.#popped[this.#poppedPlace + CLIENT];
  }

  get call(): number {
    return this.#popped[this.#poppedPlace + CALL];
  }

  get order(): number {
    return this.#popped[this.#poppedPlace + ORDER];
  }

  get size(): number {
    return this.#ringCount + this.#heapCount;
  }

  /** Time of the first entry; Infinity when there is none. */
  nextAtUs(): number {
    return this.#nextAtUs;
  }

  /** `order` is attempt · 128 + part; `payload` is the owner's. */
  push(atUs: number, client: number, call: number, order: number, payload: number): void {
    if (atUs < this.#nextAtUs) this.#nextAtUs = atUs;
    if (this.#ringCount > 0 && !this.#isAfterTail(atUs, client, call, order)) {
      this.#pushToHeap(atUs, client, call, order, payload);
      return;
    }
    if (this.#ringCount > this.#mask) this.#growRing();
    const place = ((this.#head + this.#ringCount++) & this.#mask) * WIDTH;
    write(this.#ring, place, atUs, client, call, order, payload);
    this.#tailAtUs = atUs;
  }

  /** Removes the first entry and returns its payload; `client`, `call` and `order` say whose it was. */
  pop(): number {
    return this.#isRingFirst() ? this.#popFromRing() : this.#popFromHeap();
  }

  /** Every payload, in no order: for looking at what is there. */
  *payloads(): Generator<number> {
    for (let i = 0; i < this.#ringCount; i++) {
      yield this.#ring[((this.#head + i) & this.#mask) * WIDTH + PAYLOAD];
    }
    for (let i = 0; i < this.#heapCount; i++) yield this.#entries[this.#places[i] + PAYLOAD];
  }

  #isAfterTail(atUs: number, client: number, call: number, order: number): boolean {
    if (atUs !== this.#tailAtUs) return atUs > this.#tailAtUs;
    const tail = ((this.#head + this.#ringCount - 1) & this.#mask) * WIDTH;
    return isTieWon(this.#ring, tail, client, call, order);
  }

  #isRingFirst(): boolean {
    if (this.#heapCount === 0) return true;
    if (this.#ringCount === 0) return false;
    const ringAtUs = this.#ring[this.#head * WIDTH];
    if (ringAtUs !== this.#dueUs[0]) return ringAtUs < this.#dueUs[0];
    return !this.#isHeapTieWon(this.#places[0], this.#ring, this.#head * WIDTH);
  }

  #popFromRing(): number {
    const payload = this.#read(this.#ring, this.#head * WIDTH);
    this.#head = (this.#head + 1) & this.#mask;
    this.#ringCount--;
    this.#findNext();
    return payload;
  }

  #popFromHeap(): number {
    const place = this.#places[0];
    const payload = this.#read(this.#entries, place);
    this.#free.push(place);
    this.#heapCount--;
    this.#siftDown(this.#dueUs[this.#heapCount], this.#places[this.#heapCount]);
    this.#findNext();
    return payload;
  }

  #read(numbers: Float64Array<ArrayBuffer>, place: number): number {
    this.#popped = numbers;
    this.#poppedPlace = place;
    return numbers[place + PAYLOAD];
  }

  #findNext(): void {
    const ringAtUs = this.#ringCount > 0 ? this.#ring[this.#head * WIDTH] : Infinity;
    const heapAtUs = this.#heapCount > 0 ? this.#dueUs[0] : Infinity;
    this.#nextAtUs = Math.min(ringAtUs, heapAtUs);
  }

  #pushToHeap(atUs: number, client: number, call: number, order: number, payload: number): void {
    if (this.#heapCount === this.#dueUs.length) this.#growHeap();
    const place = this.#free.pop() ?? WIDTH * this.#used++;
    write(this.#entries, place, atUs, client, call, order, payload);
    this.#siftUp(atUs, place);
  }

  #siftUp(atUs: number, place: number): void {
    const dueUs = this.#dueUs;
    const places = this.#places;
    let at = this.#heapCount++;
    while (at > 0) {
      const parent = (at - 1) >> 2;
      if (dueUs[parent] < atUs) break;
      if (dueUs[parent] === atUs && this.#isTieWon(places[parent], place)) break;
      dueUs[at] = dueUs[parent];
      places[at] = places[parent];
      at = parent;
    }
    dueUs[at] = atUs;
    places[at] = place;
  }

  /** Puts the entry in where the first one was. */
  #siftDown(atUs: number, place: number): void {
    const dueUs = this.#dueUs;
    const places = this.#places;
    const count = this.#heapCount;
    let at = 0;
    for (let child = 1; child < count; child = at * 4 + 1) {
      const end = Math.min(child + 4, count);
      let first = child;
      let firstUs = dueUs[child];
      for (let other = child + 1; other < end; other++) {
        const otherUs = dueUs[other];
        if (otherUs > firstUs) continue;
        if (otherUs === firstUs && this.#isTieWon(places[first], places[other])) continue;
        first = other;
        firstUs = otherUs;
      }
      if (atUs < firstUs) break;
      if (atUs === firstUs && this.#isTieWon(place, places[first])) break;
      dueUs[at] = firstUs;
      places[at] = places[first];
      at = first;
    }
    dueUs[at] = atUs;
    places[at] = place;
  }

  #isTieWon(place: number, other: number): boolean {
    return this.#isHeapTieWon(place, this.#entries, other);
  }

  #isHeapTieWon(place: number, numbers: Float64Array, other: number): boolean {
    return isTieWon(
      this.#entries,
      place,
      numbers[other + CLIENT],
      numbers[other + CALL],
      numbers[other + ORDER],
    );
  }

  /** What went round the end then begins at 0. */
  #growRing(): void {
    const ring = new Float64Array(this.#ring.length * 2);
    const start = this.#head * WIDTH;
    ring.set(this.#ring.subarray(start));
    ring.set(this.#ring.subarray(0, start), this.#ring.length - start);
    this.#ring = ring;
    this.#mask = this.#mask * 2 + 1;
    this.#head = 0;
  }

  #growHeap(): void {
    const room = this.#dueUs.length * 2;
    const dueUs = new Float64Array(room);
    dueUs.set(this.#dueUs);
    this.#dueUs = dueUs;
    const places = new Int32Array(room);
    places.set(this.#places);
    this.#places = places;
    const entries = new Float64Array(room * WIDTH);
    entries.set(this.#entries);
    this.#entries = entries;
  }
}

// Where an entry's numbers lie, from its place on; its time comes first.
const CLIENT = 1;
const CALL = 2;
const ORDER = 3;
const PAYLOAD = 4;
const WIDTH = 5;

function write(
  numbers: Float64Array,
  place: number,
  atUs: number,
  client: number,
  call: number,
  order: number,
  payload: number,
): void {
  numbers[place] = atUs;
  numbers[place + CLIENT] = client;
  numbers[place + CALL] = call;
  numbers[place + ORDER] = order;
  numbers[place + PAYLOAD] = payload;
}

/** Of two entries due at the same time, whether the one that lies there goes first. */
function isTieWon(
  numbers: Float64Array,
  place: number,
  client: number,
  call: number,
  order: number,
): boolean {
  if (numbers[place + CLIENT] !== client) return numbers[place + CLIENT] < client;
  if (numbers[place + CALL] !== call) return numbers[place + CALL] < call;
  return numbers[place + ORDER] <= order;
}
