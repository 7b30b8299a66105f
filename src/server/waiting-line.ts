/** Requests that wait for a worker: first in first out, or the newest first while more than so many wait. */
export class WaitingLine {
  readonly #lifoAbove: number;
  #slots = new Int32Array(64);
  #head = 0;
  #count = 0;

  /** @param lifoAbove 0: always the newest first; Infinity: never */
  constructor(lifoAbove: number) {
    this.#lifoAbove = lifoAbove;
  }

  get length(): number {
    return this.#count;
  }

  /** Who waits longest; there must be one. */
  get oldest(): number {
    return this.#slots[this.#head];
  }

  push(slot: number): void {
    if (this.#count === this.#slots.length) this.#grow();
    this.#slots[(this.#head + this.#count++) & (this.#slots.length - 1)] = slot;
  }

  /** Whose turn it is. */
  pop(): number {
    if (this.#count <= this.#lifoAbove) return this.popOldest();
    return this.#slots[(this.#head + --this.#count) & (this.#slots.length - 1)];
  }

  popOldest(): number {
    const slot = this.#slots[this.#head];
    this.#head = (this.#head + 1) & (this.#slots.length - 1);
    this.#count--;
    return slot;
  }

  /** All that wait, first come first; nobody leaves. */
  slots(): number[] {
    const mask = this.#slots.length - 1;
    return Array.from({ length: this.#count }, (_, i) => this.#slots[(this.#head + i) & mask]);
  }

  #grow(): void {
    const slots = new Int32Array(this.#slots.length * 2);
    for (let i = 0; i < this.#count; i++) {
      slots[i] = this.#slots[(this.#head + i) & (this.#slots.length - 1)];
    }
    this.#slots = slots;
    this.#head = 0;
  }
}
