import { type Clock, systemClock } from "../clock.ts";

/** Real time from the start of a run, so that policies and traces see the simulator's times. */
export class RunClock implements Clock {
  readonly sleep = systemClock.sleep;
  readonly timeout = systemClock.timeout;
  #originMs = systemClock.nowMs();

  start(): void {
    this.#originMs = systemClock.nowMs();
  }

  nowMs(): number {
    return systemClock.nowMs() - this.#originMs;
  }

  /** In whole microseconds, as traces count. */
  get nowUs(): number {
    return Math.floor(this.nowMs() * 1000);
  }
}
