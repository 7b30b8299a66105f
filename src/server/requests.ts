/** The requests in flight of one run, in columns; a request lives until its caller and the server are done with it. */
export class Requests {
  client = new Int32Array(256);
  call = new Int32Array(256);
  attempt = new Int32Array(256);
  /** 0 for the attempt itself, 1, 2, … for the requests of the session reset before it. */
  part = new Int32Array(256);
  /** 1 once the caller no longer waits for an answer. */
  left = new Uint8Array(256);
  arrivedUs = new Float64Array(256);
  serviceUs = new Float64Array(256);
  /** The driver's own number, such as where it keeps the call. */
  owner = new Int32Array(256);
  #holders = new Uint8Array(256);
  #free: number[] = [];
  #used = 0;

  open(client: number, call: number, attempt: number, part: number, owner: number): number {
    const slot = this.#free.pop() ?? this.#newSlot();
    this.client[slot] = client;
    this.call[slot] = call;
    this.attempt[slot] = attempt;
    this.part[slot] = part;
    this.owner[slot] = owner;
    this.left[slot] = 0;
    this.#holders[slot] = 2;
    return slot;
  }

  /** The caller has its answer, or waits no longer. */
  leave(slot: number): void {
    this.left[slot] = 1;
    this.#release(slot);
  }

  /** The server and the network are done with it. */
  done(slot: number): void {
    this.#release(slot);
  }

  /** Ties within a tick go by this, after client and call. */
  order(slot: number): number {
    return this.attempt[slot] * 128 + this.part[slot];
  }

  #release(slot: number): void {
    if (--this.#holders[slot] === 0) this.#free.push(slot);
  }

  #newSlot(): number {
    if (this.#used === this.client.length) this.#grow();
    return this.#used++;
  }

  #grow(): void {
    const length = this.#used * 2;
    const wider = (from: Int32Array) => {
      const to = new Int32Array(length);
      to.set(from);
      return to;
    };
    const wider8 = (from: Uint8Array) => {
      const to = new Uint8Array(length);
      to.set(from);
      return to;
    };
    const wider64 = (from: Float64Array) => {
      const to = new Float64Array(length);
      to.set(from);
      return to;
    };
    this.client = wider(this.client);
    this.call = wider(this.call);
    this.attempt = wider(this.attempt);
    this.part = wider(this.part);
    this.owner = wider(this.owner);
    this.left = wider8(this.left);
    this.#holders = wider8(this.#holders);
    this.arrivedUs = wider64(this.arrivedUs);
    this.serviceUs = wider64(this.serviceUs);
  }
}
