/** When flags are asked for: at once when something happened, else now and then, and never twice at a time. */
import type { Clock } from "../clock.ts";
import type { Random } from "../policy.ts";

/** Between two beginnings: a provider that announces a change with every answer would be asked without end. */
const PAUSE_MS = 100;

interface RefresherOptions {
  readonly clock: Clock;
  readonly random: Random;
  readonly refreshMs: number;
  readonly timeoutMs: number;
  /** Begins the refresh of that number, from 1 on; resolved when it is done, undefined if it is already. */
  readonly refresh: (number: number) => Promise<unknown> | undefined;
}

export class Refresher {
  readonly #options: RefresherOptions;
  #number = 0;
  #isRunning = false;
  #isWanted = false;
  #isClosed = false;
  #notBeforeMs = -Infinity;
  #cancelTimer = () => {};

  constructor(options: RefresherOptions) {
    this.#options = options;
  }

  get number(): number {
    return this.#number;
  }

  /** At once, or as soon as the one before is over and the pause after it. */
  request(): void {
    this.#isWanted = true;
    if (this.#isRunning || this.#isClosed) return;
    if (this.#pauseMs > 0) this.#setTimer(this.#pauseMs, () => this.#begin());
    else this.#begin();
  }

  close(): void {
    this.#isClosed = true;
    this.#cancelTimer();
  }

  #begin(): void {
    const { clock, timeoutMs, refresh } = this.#options;
    this.#isRunning = true;
    this.#isWanted = false;
    this.#notBeforeMs = clock.nowMs() + PAUSE_MS;
    const number = ++this.#number;
    this.#setTimer(timeoutMs, () => this.#end(number));
    const done = refresh(number);
    if (done === undefined) this.#end(number);
    else done.then(() => this.#end(number));
  }

  /** Done, or given up. */
  #end(number: number): void {
    if (number !== this.#number || !this.#isRunning) return;
    this.#isRunning = false;
    const { random, refreshMs } = this.#options;
    // Clients that began together would otherwise ask together for ever.
    const drawnMs = refreshMs * (0.5 + random() / 2);
    this.#setTimer(this.#isWanted ? this.#pauseMs : drawnMs, () => this.#begin());
  }

  get #pauseMs(): number {
    return Math.max(0, this.#notBeforeMs - this.#options.clock.nowMs());
  }

  #setTimer(delayMs: number, fire: () => void): void {
    this.#cancelTimer();
    if (!this.#isClosed) this.#cancelTimer = this.#options.clock.timeout(delayMs, fire);
  }
}
