/**
 * The event set: entries in order of (time, client, call, attempt, part), whatever order they came in.
 *
 * Two sorted sequences, merged at the front: a ring for entries that come in order (a constant network
 * delay or timeout makes nearly all of them) and a 4-ary heap for the rest.
 */
export class EventQueue {
  // The entries, by slot.
  #atUs = new Float64Array(64);
  #client = new Int32Array(64);
  #call = new Int32Array(64);
  #order = new Int32Array(64);
  #payload = new Int32Array(64);
  #free = new Int32Array(64);
  #freeCount = 0;
  #used = 0;

  #ring = new Int32Array(64);
  #ringHead = 0;
  #ringCount = 0;
  #heap = new Int32Array(64);
  #heapCount = 0;
  #nextAtUs = Infinity;

  get size(): number {
    return this.#ringCount + this.#heapCount;
  }

  /** `order` is attempt · 128 + part; `payload` is the owner's. */
  push(atUs: number, client: number, call: number, order: number, payload: number): void {
    const slot = this.#freeCount > 0 ? this.#free[--this.#freeCount] : this.#newSlot();
    this.#atUs[slot] = atUs;
    this.#client[slot] = client;
    this.#call[slot] = call;
    this.#order[slot] = order;
    this.#payload[slot] = payload;
    const tail = (this.#ringHead + this.#ringCount - 1) & (this.#ring.length - 1);
    if (this.#ringCount === 0 || this.#before(this.#ring[tail], slot)) this.#append(slot);
    else this.#siftUp(slot);
    if (atUs < this.#nextAtUs) this.#nextAtUs = atUs;
  }

  /** Time of the first entry; Infinity when there is none. */
  nextAtUs(): number {
    return this.#nextAtUs;
  }

  /** Removes the first entry and returns its slot, for the getters below until the next `push`. */
  pop(): number {
    const fromRing =
      this.#heapCount === 0 ||
      (this.#ringCount > 0 && this.#before(this.#ring[this.#ringHead], this.#heap[0]));
    const slot = fromRing ? this.#shift() : this.#siftDown();
    this.#free[this.#freeCount++] = slot;
    this.#nextAtUs = Math.min(
      this.#ringCount > 0 ? this.#atUs[this.#ring[this.#ringHead]] : Infinity,
      this.#heapCount > 0 ? this.#atUs[this.#heap[0]] : Infinity,
    );
    return slot;
  }

  /** Of all entries, in no order; none is removed. */
  payloads(): number[] {
    const payloads: number[] = [];
    for (let i = 0; i < this.#ringCount; i++) {
      payloads.push(this.#payload[this.#ring[(this.#ringHead + i) & (this.#ring.length - 1)]]);
    }
    for (let i = 0; i < this.#heapCount; i++) payloads.push(this.#payload[this.#heap[i]]);
    return payloads;
  }

  client(slot: number): number {
    return this.#client[slot];
  }

  call(slot: number): number {
    return this.#call[slot];
  }

  order(slot: number): number {
    return this.#order[slot];
  }

  payload(slot: number): number {
    return this.#payload[slot];
  }

  #before(a: number, b: number): boolean {
    const atUs = this.#atUs;
    if (atUs[a] !== atUs[b]) return atUs[a] < atUs[b];
    return this.#wins(a, b);
  }

  /** Of two entries of the same time. */
  #wins(a: number, b: number): boolean {
    const client = this.#client[a] - this.#client[b];
    if (client !== 0) return client < 0;
    const call = this.#call[a] - this.#call[b];
    if (call !== 0) return call < 0;
    return this.#order[a] <= this.#order[b];
  }

  #newSlot(): number {
    if (this.#used === this.#atUs.length) this.#grow();
    return this.#used++;
  }

  #grow(): void {
    const length = this.#atUs.length * 2;
    this.#atUs = copyTo(new Float64Array(length), this.#atUs);
    this.#client = copyTo(new Int32Array(length), this.#client);
    this.#call = copyTo(new Int32Array(length), this.#call);
    this.#order = copyTo(new Int32Array(length), this.#order);
    this.#payload = copyTo(new Int32Array(length), this.#payload);
    this.#free = copyTo(new Int32Array(length), this.#free);
    this.#heap = copyTo(new Int32Array(length), this.#heap);
    const ring = new Int32Array(length);
    for (let i = 0; i < this.#ringCount; i++) {
      ring[i] = this.#ring[(this.#ringHead + i) & (this.#ring.length - 1)];
    }
    this.#ring = ring;
    this.#ringHead = 0;
  }

  #append(slot: number): void {
    this.#ring[(this.#ringHead + this.#ringCount++) & (this.#ring.length - 1)] = slot;
  }

  #shift(): number {
    const slot = this.#ring[this.#ringHead];
    this.#ringHead = (this.#ringHead + 1) & (this.#ring.length - 1);
    this.#ringCount--;
    return slot;
  }

  #siftUp(slot: number): void {
    const heap = this.#heap;
    let at = this.#heapCount++;
    while (at > 0) {
      const parent = (at - 1) >> 2;
      if (this.#before(heap[parent], slot)) break;
      heap[at] = heap[parent];
      at = parent;
    }
    heap[at] = slot;
  }

  #siftDown(): number {
    const heap = this.#heap;
    const first = heap[0];
    const last = heap[--this.#heapCount];
    const count = this.#heapCount;
    let at = 0;
    for (;;) {
      let child = at * 4 + 1;
      if (child >= count) break;
      const end = Math.min(child + 4, count);
      for (let other = child + 1; other < end; other++) {
        if (!this.#before(heap[child], heap[other])) child = other;
      }
      if (this.#before(last, heap[child])) break;
      heap[at] = heap[child];
      at = child;
    }
    heap[at] = last;
    return first;
  }
}

function copyTo<T extends Float64Array | Int32Array>(to: T, from: T): T {
  to.set(from);
  return to;
}
