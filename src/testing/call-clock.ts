/**
 * Time as one call in test mode sees it: what is skipped while it waits has gone by, and what is skipped
 * while its attempts are in flight has not, for attempts take real time. So no call misses its deadline
 * because another one waits.
 */
import { type Clock, systemClock } from "../clock.ts";
import type { SkippingClock } from "./skipping-clock.ts";

export class CallClock implements Clock {
  readonly timeout = systemClock.timeout;
  readonly #all: SkippingClock;
  /** What of all that was skipped this call has missed. */
  #missedMs = 0;
  /** Since when an attempt may be in flight, in skipped time; undefined during a wait. */
  #sinceSkippedMs: number | undefined;
  #isWaitNext = false;

  constructor(all: SkippingClock) {
    this.#all = all;
    this.#sinceSkippedMs = all.skippedMs;
  }

  /** How far it is behind the clock of all calls. */
  get behindMs(): number {
    const { skippedMs } = this.#all;
    return this.#missedMs + skippedMs - (this.#sinceSkippedMs ?? skippedMs);
  }

  nowMs(): number {
    return this.#all.nowMs() - this.behindMs;
  }

  /** The call's next sleep is a wait between attempts. Any other is a hedge's delay, beside a real attempt. */
  waitFollows(): void {
    this.#isWaitNext = true;
  }

  async sleep(delayMs: number, signal?: AbortSignal): Promise<void> {
    if (!this.#isWaitNext) return systemClock.sleep(delayMs, signal);
    this.#isWaitNext = false;
    this.#missedMs = this.behindMs;
    this.#sinceSkippedMs = undefined;
    try {
      await this.#all.sleep(delayMs, signal);
    } finally {
      this.#sinceSkippedMs = this.#all.skippedMs;
    }
  }
}
