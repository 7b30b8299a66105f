/**
 * A clock that skips waits: when everything that can run has run, the wait that would end first has ended.
 * In between it goes as the real one.
 */
import { systemClock } from "../clock.ts";

interface Waiting {
  readonly untilMs: number;
  readonly end: () => void;
}

/** More turns of the microtask queue than an answer takes from an attempt to the next wait. */
const TURNS = 100;

export class SkippingClock {
  #skippedMs = 0;
  #waiting: readonly Waiting[] = [];

  /** So far, of all waits. */
  get skippedMs(): number {
    return this.#skippedMs;
  }

  nowMs(): number {
    return systemClock.nowMs() + this.#skippedMs;
  }

  sleep(delayMs: number, signal?: AbortSignal): Promise<void> {
    return new Promise((resolve, reject) => {
      const end = () => {
        signal?.removeEventListener("abort", onAbort);
        resolve();
      };
      const waiting = { untilMs: this.nowMs() + delayMs, end };
      const onAbort = () => {
        this.#waiting = this.#waiting.filter((other) => other !== waiting);
        reject(signal?.reason);
      };
      if (signal?.aborted) {
        reject(signal.reason);
        return;
      }
      signal?.addEventListener("abort", onAbort, { once: true });
      this.#waiting = [...this.#waiting, waiting];
      if (this.#waiting.length === 1) this.#skip();
    });
  }

  /** No timer is used: it works with fake ones too. */
  async #skip(): Promise<void> {
    while (this.#waiting.length > 0) {
      for (let turn = 0; turn < TURNS; turn++) await undefined;
      const first = this.#waiting.reduce<Waiting | undefined>(sooner, undefined);
      if (first === undefined) return;
      this.#waiting = this.#waiting.filter((other) => other !== first);
      this.#skippedMs += Math.max(0, first.untilMs - this.nowMs());
      first.end();
    }
  }
}

function sooner(a: Waiting | undefined, b: Waiting): Waiting {
  return a === undefined || b.untilMs < a.untilMs ? b : a;
}
