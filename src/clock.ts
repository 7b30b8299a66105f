/** The only home of setTimeout, Date.now and performance.now. */

/** `setTimeout` fires at once above this (a signed 32-bit count of milliseconds, about 24.8 days). */
export const DELAY_MAX_MS = 2 ** 31 - 1;

/** Time as an argument: apps hand in `systemClock`, tests and the MSW lane a virtual one. */
export interface Clock {
  /** Monotonic; only differences mean anything. */
  nowMs(): number;
  /** Resolves after `delayMs`; rejects with the signal's reason as soon as it is aborted. */
  sleep(delayMs: number, signal?: AbortSignal): Promise<void>;
  /** Calls `fire` once after `delayMs`, unless the returned function is called before. */
  timeout(delayMs: number, fire: () => void): () => void;
}

/** The real clock of this process. */
export const systemClock: Clock = {
  nowMs: () => performance.now(),
  sleep(delayMs, signal) {
    return new Promise((resolve, reject) => {
      if (signal?.aborted) {
        reject(signal.reason);
        return;
      }
      const onAbort = () => {
        clearTimeout(timer);
        reject(signal?.reason);
      };
      const timer = setTimeout(() => {
        signal?.removeEventListener("abort", onAbort);
        resolve();
      }, delayMs);
      signal?.addEventListener("abort", onAbort, { once: true });
    });
  },
  timeout(delayMs, fire) {
    const timer = setTimeout(fire, delayMs);
    return () => clearTimeout(timer);
  },
};
