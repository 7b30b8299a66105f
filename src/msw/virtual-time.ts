/**
 * Virtual time for everything that is not ours: undici, MSW, and whatever library a client uses.
 *
 * Timers, dates and `performance` are faked once a process, before its first `fetch`, and stay so:
 * undici keeps the first clock it meets. The microtask queue and `setImmediate` stay real, for without
 * them no fetch gets anywhere; turning the event loop is how a run waits for one.
 */
import { type Clock as FakeClock, install } from "@sinonjs/fake-timers";

const setRealImmediate = setImmediate;
let installed: FakeClock | undefined;

/** Resolves after one whole turn of the real event loop. */
export function turn(): Promise<void> {
  return new Promise((resolve) => setRealImmediate(resolve));
}

/** The process's faked time, with 0 at the moment of construction. */
export class VirtualTime {
  readonly #clock: FakeClock;
  readonly #originMs: number;

  constructor() {
    this.#clock = installed ??= fakeTime();
    this.#originMs = this.#clock.now;
  }

  get nowMs(): number {
    return this.#clock.now - this.#originMs;
  }

  /** When the next faked timer is due; Infinity when there is none. */
  nextAtMs(): number {
    const timer = this.#clock.timerHeap?.peek();
    return timer?.callAt === undefined ? Infinity : timer.callAt - this.#originMs;
  }

  /** Moves on without firing what is due: `fireNext` does that, one at a time. */
  moveTo(ms: number): void {
    this.#clock.now = this.#originMs + ms;
  }

  fireNext(): void {
    const { now } = this.#clock;
    this.#clock.next();
    this.#clock.now = now;
  }
}

function fakeTime(): FakeClock {
  const clock = install({
    now: 0,
    toFake: [
      "setTimeout",
      "clearTimeout",
      "setInterval",
      "clearInterval",
      "Date",
      "performance",
      "hrtime",
    ],
  });
  AbortSignal.timeout = timeoutSignal;
  return clock;
}

/** Node's own counts in real time, out of the reach of fake timers. */
function timeoutSignal(delayMs: number): AbortSignal {
  const controller = new AbortController();
  setTimeout(() => {
    const message = "The operation was aborted due to timeout";
    controller.abort(new DOMException(message, "TimeoutError"));
  }, delayMs);
  return controller.signal;
}
