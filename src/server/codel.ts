/**
 * Controlled delay, in the form that Facebook gave it for requests: while the queue has been empty at some
 * moment of the last interval (100 ms there), a request may wait that long; once it has not, only the
 * target (5 ms). So bursts are queued, and a queue that stays is cut short.
 *
 * B. Maurer, "Fail at Scale", ACM Queue 13(8), 2015, https://queue.acm.org/detail.cfm?id=2839461; after
 * K. Nichols and V. Jacobson, "Controlling Queue Delay", ACM Queue 10(5), 2012,
 * https://queue.acm.org/detail.cfm?id=2209336
 */
export class CoDel {
  readonly #targetUs: number;
  readonly #intervalUs: number;
  /** When the queue was last seen empty. */
  #emptyAtUs = 0;
  /** Until when each request may wait, by slot. */
  #untilUs = new Float64Array(64);

  constructor({
    targetMs,
    intervalMs,
  }: { readonly targetMs: number; readonly intervalMs: number }) {
    this.#targetUs = targetMs * 1000;
    this.#intervalUs = intervalMs * 1000;
  }

  /** A request enters the queue. */
  enter(atUs: number, slot: number, isQueueEmpty: boolean): void {
    if (isQueueEmpty) this.#emptyAtUs = atUs;
    const isStanding = atUs - this.#emptyAtUs > this.#intervalUs;
    if (slot >= this.#untilUs.length) this.#grow(slot);
    this.#untilUs[slot] = atUs + (isStanding ? this.#targetUs : this.#intervalUs);
  }

  /** Whether it has waited longer than it may. */
  isOverdue(atUs: number, slot: number): boolean {
    return atUs > this.#untilUs[slot];
  }

  #grow(slot: number): void {
    const wider = new Float64Array(Math.max(slot + 1, this.#untilUs.length * 2));
    wider.set(this.#untilUs);
    this.#untilUs = wider;
  }
}
