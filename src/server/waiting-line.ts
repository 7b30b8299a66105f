/** Requests that wait for a worker: first in first out, or last in first out. */
export class WaitingLine {
  readonly #lifo: boolean;
  #slots = new Int32Array(64);
  #head = 0;
  #count = 0;

  constructor(order: "fifo" | "lifo") {
    this.#lifo = order === "lifo";
  }

  get length(): number {
    return this.#count;
  }

  push(slot: number): void {
    if (this.#count === this.#slots.length) this.#grow();
    this.#slots[(this.#head + this.#count++) & (this.#slots.length - 1)] = slot;
  }

  pop(): number {
    const mask = this.#slots.length - 1;
    if (this.#lifo) return this.#slots[(this.#head + --this.#count) & mask];
    const slot = this.#slots[this.#head];
    this.#head = (this.#head + 1) & mask;
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
