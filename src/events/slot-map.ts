/** Which of the 4,096 slots of a wheel's level hold something: a bit each, and a bit for every 32 of them. */
export class SlotMap {
  readonly #words = new Int32Array(128);
  readonly #summary = new Int32Array(4);

  add(slot: number): void {
    const word = slot >> 5;
    this.#words[word] |= 1 << (slot & 31);
    this.#summary[word >> 5] |= 1 << (word & 31);
  }

  delete(slot: number): void {
    const word = slot >> 5;
    this.#words[word] &= ~(1 << (slot & 31));
    if (this.#words[word] === 0) this.#summary[word >> 5] &= ~(1 << (word & 31));
  }

  /** The first slot that holds something; -1 when none does. */
  first(): number {
    for (let group = 0; group < 4; group++) {
      const summary = this.#summary[group];
      if (summary === 0) continue;
      const word = group * 32 + lowestBit(summary);
      return word * 32 + lowestBit(this.#words[word]);
    }
    return -1;
  }
}

function lowestBit(bits: number): number {
  return 31 - Math.clz32(bits & -bits);
}
