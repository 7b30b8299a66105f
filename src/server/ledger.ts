/** The server's books: what came must have gone, or still be there. */
export class Ledger {
  arrived = 0;
  served = 0;
  rejected = 0;
  /** Answered by a fault: refused, lost, or a failure of a part or of the layer below. */
  failed = 0;
  /** Answered as if served. */
  dropped = 0;
  /** Thrown out because its caller waited no longer. */
  expired = 0;
  #present = 0;
  #changedUs = 0;
  #presenceUs = 0;
  #sojournUs = 0;

  enter(atUs: number): void {
    this.arrived++;
    this.#changePresence(atUs, 1);
  }

  leave(atUs: number, arrivedUs: number): void {
    this.#sojournUs += atUs - arrivedUs;
    this.#changePresence(atUs, -1);
  }

  /**
   * Little's law as an identity: the number present, summed over time, is the time spent there,
   * summed over requests (J. D. C. Little, Operations Research 9(3), 1961, https://doi.org/10.1287/opre.9.3.383).
   * Integer microseconds, so the two are equal, not close.
   *
   * @param heldSinceUs when each request came that the server really still holds
   * @throws {Error} when a request was lost, counted twice, or left before it came
   */
  check(endUs: number, heldSinceUs: readonly number[]): void {
    this.#changePresence(endUs, 0);
    const gone = this.served + this.rejected + this.failed + this.dropped + this.expired;
    const held = heldSinceUs.length;
    const sojournUs = heldSinceUs.reduce((sum, us) => sum + endUs - us, this.#sojournUs);
    if (this.arrived !== gone + held || this.#presenceUs !== sojournUs) {
      throw new Error(
        `Conservation broken at the server: ${this.arrived} arrived, ${gone} left, ${held} present; ` +
          `${this.#presenceUs} µs of presence, ${sojournUs} µs of sojourn.`,
      );
    }
  }

  #changePresence(atUs: number, change: number): void {
    this.#presenceUs += this.#present * (atUs - this.#changedUs);
    this.#changedUs = atUs;
    this.#present += change;
  }
}
