/** What a shadow has counted so far. */
import type { StopReason } from "../policy.ts";

export interface ShadowFigures {
  readonly calls: number;
  /** Attempts that were made. */
  readonly attempts: number;
  /**
   * Attempts that the policy would have made: those that were made, as far as it had not stopped and they
   * were not sent beside another, and one for each call that was given up where it would have gone on. What
   * would have come of that, nobody knows.
   */
  readonly attemptsOfPolicy: number;
  /** Calls that the policy would have given up, by why. */
  readonly stops: Readonly<Partial<Record<StopReason, number>>>;
  /** Of them, those that were answered after all. */
  readonly answeredAfterStop: number;
  /** Calls that were given up where the policy would have gone on. */
  readonly givenUpBeforeStop: number;
  /** Calls in which the policy, `classify`, `flags`, `clock` or `onDecision` threw; asked no further. */
  readonly broken: number;
  /** What was thrown last of all; undefined when nothing was. */
  readonly lastError: unknown;
}

export class FigureCounts implements ShadowFigures {
  calls = 0;
  attempts = 0;
  attemptsOfPolicy = 0;
  readonly stops: Partial<Record<StopReason, number>> = {};
  answeredAfterStop = 0;
  givenUpBeforeStop = 0;
  broken = 0;
  lastError: unknown = undefined;

  stop(why: StopReason): void {
    this.stops[why] = (this.stops[why] ?? 0) + 1;
  }

  copy(): ShadowFigures {
    return { ...this, stops: { ...this.stops } };
  }
}
