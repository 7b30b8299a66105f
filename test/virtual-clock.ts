/** A clock that stands still until it is told otherwise. */
import { setImmediate } from "node:timers/promises";
import type { Clock } from "../src/clock.ts";

export class VirtualClock implements Clock {
  #nowMs: number;
  /** In order of time, then of age. */
  #timers: { readonly atMs: number; readonly fire: () => void }[] = [];

  constructor(startMs = 0) {
    this.#nowMs = startMs;
  }

  nowMs(): number {
    return this.#nowMs;
  }

  /** Timers that are set and have not fired. */
  get pending(): number {
    return this.#timers.length;
  }

  timeout(delayMs: number, fire: () => void): () => void {
    const timer = { atMs: this.#nowMs + delayMs, fire };
    this.#timers.push(timer);
    this.#timers.sort((a, b) => a.atMs - b.atMs);
    return () => {
      this.#timers = this.#timers.filter((other) => other !== timer);
    };
  }

  sleep(delayMs: number, signal?: AbortSignal): Promise<void> {
    return new Promise((resolve, reject) => {
      const onAbort = () => {
        cancel();
        reject(signal?.reason);
      };
      if (signal?.aborted) {
        reject(signal.reason);
        return;
      }
      const cancel = this.timeout(delayMs, () => {
        signal?.removeEventListener("abort", onAbort);
        resolve();
      });
      signal?.addEventListener("abort", onAbort, { once: true });
    });
  }

  /** Time passes, and no timer fires before it has: what a busy event loop does. */
  jump(byMs: number): void {
    this.#nowMs += byMs;
  }

  /** Fires what is due one by one, in order of time and age, with all that follows each. */
  async advance(byMs: number): Promise<void> {
    await microtasks();
    const untilMs = this.#nowMs + byMs;
    for (;;) {
      const next = this.#timers.at(0);
      if (next === undefined || next.atMs > untilMs) break;
      this.#nowMs = Math.max(this.#nowMs, next.atMs);
      this.#timers.shift();
      next.fire();
      await microtasks();
    }
    this.#nowMs = untilMs;
  }
}

/** Everything that needs no timer and no I/O to happen, and nothing that does. */
export async function microtasks(): Promise<void> {
  for (let turn = 0; turn < 100; turn++) await undefined;
}

/** A whole turn of the event loop: when Node reports unhandled rejections. */
export async function turn(): Promise<void> {
  await setImmediate();
}
