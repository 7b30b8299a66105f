/**
 * Entries of a time within the wheel's block (24 bits) and an id, 8 bytes in all, in chunks of one
 * array: no object an entry, and the chunk given back last is used first.
 */
export class ChunkPool {
  /** Time and id by turns. */
  numbers: Int32Array;
  /** The chunk before, of the same slot; of a free chunk, the next free one; -1 for none. */
  before: Int32Array;
  #used = 0;
  #free = -1;

  /** `entries`: how many to make room for at once; more are taken in as they come. */
  constructor(entries: number) {
    // Every slot in use has one chunk that is not full.
    const chunks = Math.ceil((entries * 2) / CHUNK) + 256;
    this.numbers = new Int32Array(chunks * CHUNK);
    this.before = new Int32Array(chunks);
  }

  take(before: number): number {
    let chunk = this.#free;
    if (chunk >= 0) this.#free = this.before[chunk];
    else {
      if (this.#used === this.before.length) this.#grow();
      chunk = this.#used++;
    }
    this.before[chunk] = before;
    return chunk;
  }

  giveBack(chunk: number): void {
    this.before[chunk] = this.#free;
    this.#free = chunk;
  }

  #grow(): void {
    const chunks = Math.ceil(this.before.length * 1.5);
    const before = new Int32Array(chunks);
    before.set(this.before);
    this.before = before;
    const numbers = new Int32Array(chunks * CHUNK);
    numbers.set(this.numbers);
    this.numbers = numbers;
  }
}

/** Numbers of a chunk: 32 entries. */
export const CHUNK = 64;
