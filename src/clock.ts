/** The only home of setTimeout, Date.now and performance.now. */

/** `setTimeout` fires at once above this (a signed 32-bit count of milliseconds, about 24.8 days). */
export const DELAY_MAX_MS = 2 ** 31 - 1;

/** Time as an argument: apps hand in `systemClock`, tests and the MSW lane a virtual one. */
export interface Clock {
  /** Monotonic; only differences mean anything. */
  nowMs(): number;
  /** Resolves after `delayMs`, never before; rejects with the signal's reason as soon as it is aborted. */
  sleep(delayMs: number, signal?: AbortSignal): Promise<void>;
  /** Calls `fire` once after `delayMs`, never before, unless the returned function is called first. */
  timeout(delayMs: number, fire: () => void): () => void;
}

/** The real clock of this process. Delays up to `DELAY_MAX_MS`. */
export const systemClock: Clock = /* @__PURE__ */ realClock(setTimer);

/** As `systemClock`, but what it waits for keeps no process alive. */
export const unrefClock: Clock = /* @__PURE__ */ realClock((fire, delayMs) => {
  const timer = setTimer(fire, delayMs);
  // A browser's is a number.
  timer.unref?.();
  return timer;
});

type SetTimer = (fire: () => void, delayMs: number) => ReturnType<typeof setTimeout>;

function setTimer(fire: () => void, delayMs: number): ReturnType<typeof setTimeout> {
  return setTimeout(fire, Math.ceil(delayMs));
}

/** How far timers have got ahead of `performance.now`: where that was set back, or timers are faked and it is not. */
let aheadMs = 0;

function nowMs(): number {
  return performance.now() + aheadMs;
}

/**
 * Timers count whole milliseconds of a clock that is read once a turn, or that ticks coarsely, so they can
 * fire early: before the Retry-After that the server asked for. More, or again and again, is the clock's error.
 */
const EARLY_MAX_MS = 20;
const EARLY_TIMES_MAX = 20;

function realClock(setTimer: SetTimer): Clock {
  const timeout: Clock["timeout"] = (delayMs, fire) => {
    const untilMs = nowMs() + delayMs;
    let earlyTimes = 0;
    const onTimer = () => {
      const remainingMs = untilMs - nowMs();
      const isEarly = remainingMs > 0 && remainingMs <= EARLY_MAX_MS;
      if (isEarly && earlyTimes++ < EARLY_TIMES_MAX) {
        timer = setTimer(onTimer, remainingMs);
        return;
      }
      aheadMs += Math.max(0, remainingMs);
      fire();
    };
    let timer = setTimer(onTimer, delayMs);
    return () => clearTimeout(timer);
  };
  return {
    nowMs,
    timeout,
    sleep: (delayMs, signal) =>
      new Promise((resolve, reject) => {
        if (signal?.aborted) {
          reject(signal.reason);
          return;
        }
        const onAbort = () => {
          cancel();
          reject(signal?.reason);
        };
        const cancel = timeout(delayMs, () => {
          signal?.removeEventListener("abort", onAbort);
          resolve();
        });
        signal?.addEventListener("abort", onAbort, { once: true });
      }),
  };
}

/** Time of day, for dates that a server sends: milliseconds since 1970. */
export function dateNowMs(): number {
  return Date.now();
}

/** Runs `act` while reading this process's clocks throws: for finding out who does. */
export function withoutSystemClock<T>(act: () => T): T {
  const { Date: date } = globalThis;
  const { now } = performance;
  const refuse = () => {
    throw new Error("the clock was read: time comes with the event");
  };
  globalThis.Date = new Proxy(date, { construct: refuse, apply: refuse, get: refuse });
  performance.now = refuse;
  try {
    return act();
  } finally {
    globalThis.Date = date;
    performance.now = now;
  }
}
