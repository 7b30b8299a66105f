/** How many of something there were, and for how long: the time spent at each number. */
export class Population {
  readonly #fromUs: number;
  readonly #untilUs: number;
  #spentUs = new Float64Array(64);
  #sinceUs = 0;
  #count = 0;

  /** Looks at this stretch of the run only. */
  constructor(fromUs: number, untilUs: number) {
    this.#fromUs = fromUs;
    this.#untilUs = untilUs;
  }

  change(atUs: number, by: number): void {
    this.#stayUntil(atUs);
    this.#count += by;
  }

  /** E[N], as the average over time. */
  mean(): number {
    return this.#average((count) => count);
  }

  /** E[(N − center)²]: the variance without bias when `center` is the true mean. */
  varianceAround(center: number): number {
    return this.#average((count) => (count - center) ** 2);
  }

  /** P(N ≥ count), as a share of time. */
  shareFrom(count: number): number {
    return this.#average((each) => (each >= count ? 1 : 0));
  }

  #average(of: (count: number) => number): number {
    this.#stayUntil(this.#untilUs);
    const sum = this.#spentUs.reduce((total, us, count) => total + us * of(count), 0);
    return sum / (this.#untilUs - this.#fromUs);
  }

  #stayUntil(atUs: number): void {
    const from = Math.max(this.#sinceUs, this.#fromUs);
    const until = Math.min(atUs, this.#untilUs);
    this.#sinceUs = atUs;
    if (until <= from) return;
    if (this.#count >= this.#spentUs.length) this.#grow();
    this.#spentUs[this.#count] += until - from;
  }

  #grow(): void {
    const spentUs = new Float64Array(this.#count * 2);
    spentUs.set(this.#spentUs);
    this.#spentUs = spentUs;
  }
}
