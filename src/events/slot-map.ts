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

  /** The first slot from that one on that holds something; -1 when none does. */
  firstFrom(slot: number): number {
    const words = this.#words;
    const word = slot >> 5;
    const rest = words[word] & (-1 << (slot & 31));
    if (rest !== 0) return (word << 5) + lowestBit(rest);
    const summaries = this.#summary;
    let group = (word + 1) >> 5;
    if (group > 3) return -1;
    let summary = summaries[group] & (-1 << ((word + 1) & 31));
    while (summary === 0) {
      if (group === 3) return -1;
      summary = summaries[++group];
    }
    const next = (group << 5) + lowestBit(summary);
    return (next << 5) + lowestBit(words[next]);
  }
}

function lowestBit(bits: number): number {
  return 31 - Math.clz32(bits & -bits);
}
