/** What a call is doing just now, an attempt, a session reset or a wait, so that it can be cut short. */
import { type Clock, DELAY_MAX_MS } from "../clock.ts";
import { AttemptTimeout } from "./attempt.ts";

export class Activity {
  readonly #clock: Clock;
  #now = new AbortController();
  #isInterrupted = false;

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /** For good: what is begun afterwards ends at once. */
  interrupt(reason: unknown): void {
    this.#isInterrupted = true;
    this.#now.abort(reason);
  }

  /**
   * Settles with the work, or as soon as its time is up, or when interrupted (then with the reason). What
   * the work does after that is swallowed, for nobody is left to hear it.
   *
   * @throws {AttemptTimeout} after `limitMs`
   */
  async run<T>(limitMs: number, work: (signal: AbortSignal) => T | PromiseLike<T>): Promise<T> {
    const controller = this.#begin();
    const { signal } = controller;
    signal.throwIfAborted();
    let onAbort = () => {};
    let cancelTimeout = () => {};
    if (limitMs <= DELAY_MAX_MS) {
      const onTimeout = () => controller.abort(new AttemptTimeout(limitMs));
      cancelTimeout = this.#clock.timeout(limitMs, onTimeout);
    }
    try {
      return await new Promise<T>((resolve, reject) => {
        onAbort = () => reject(signal.reason);
        signal.addEventListener("abort", onAbort);
        new Promise<T>((settle) => settle(work(signal))).then(resolve, reject);
      });
    } finally {
      cancelTimeout();
      signal.removeEventListener("abort", onAbort);
    }
  }

  /** Resolves after `delayMs`, or when interrupted, or when `watch` has its `wake` called. */
  async wait(delayMs: number, watch: (wake: () => void) => () => void): Promise<void> {
    const controller = this.#begin();
    const unwatch = watch(() => controller.abort());
    try {
      await this.#clock.sleep(delayMs, controller.signal);
    } catch (error) {
      if (!controller.signal.aborted) throw error;
    } finally {
      unwatch();
    }
  }

  #begin(): AbortController {
    const { reason } = this.#now.signal;
    this.#now = new AbortController();
    if (this.#isInterrupted) this.#now.abort(reason);
    return this.#now;
  }
}
