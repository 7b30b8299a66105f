/**
 * Doubles the wait after every failure, from `delayBaseMs` up to `delayMaxMs`, without jitter: gentler
 * than `fixed`, and still whoever failed together comes back together ("the clear loser" of Brooker,
 * "Exponential Backoff And Jitter", AWS 2015,
 * https://aws.amazon.com/blogs/architecture/exponential-backoff-and-jitter/).
 *
 * The flag `retryDelayMaxMs` takes the place of `delayMaxMs`, and of no less than `delayBaseMs`; no finite
 * number ≥ 0 counts as missing. It also reaches waits that are running; see `backoff`.
 *
 * Errors: a RangeError when a delay is not a finite number ≥ 0, `delayMaxMs` is below `delayBaseMs`, or
 * `attemptsMax` is not an integer ≥ 1 or Infinity.
 *
 * ```ts
 * import { exponential } from "stormproof/policies";
 *
 * exponential({ delayBaseMs: 50, delayMaxMs: 5000 }).name; // => "exponential"
 * ```
 *
 * Waits in ms of `exponential({ attemptsMax: 11 })`, seed 1, each attempt `timeout`:
 *
 * | attempt | 1 | 2 | 3 | 4 | 5 | 6 | 7 | 8 | 9 | 10 |
 * | --- | --- | --- | --- | --- | --- | --- | --- | --- | --- | --- |
 * | wait | 100 | 200 | 400 | 800 | 1600 | 3200 | 6400 | 12800 | 20000 | 20000 |
 */
import type { Flags, Policy, Random } from "../src/policy.ts";
import {
  ATTEMPTS_MAX_DEFAULT,
  type AttemptsOptions,
  backoff,
  RETRY_DELAY_MAX_FLAG,
} from "./backoff.ts";
import { flagNumber } from "./flag-number.ts";
import { expectAtLeast, expectKnown } from "./options.ts";

/** Also the options of the three jitters, which draw below, or around, the same ceiling. */
export interface ExponentialOptions extends AttemptsOptions {
  /** The ceiling of the wait before the first retry. @default 100 */
  readonly delayBaseMs?: number | undefined;
  /** The ceiling of every wait; what the flag `retryDelayMaxMs` falls back to. @default 20000 */
  readonly delayMaxMs?: number | undefined;
}

export const EXPONENTIAL_OPTIONS = ["delayBaseMs", "delayMaxMs", "attemptsMax"] as const;

export function exponential(options: ExponentialOptions = {}): Policy {
  return belowCeiling("exponential", options, (ceilingMs) => ceilingMs);
}

/** Its wait is drawn from the ceiling min(delayMaxMs, delayBaseMs · 2^(attempt − 1)). */
export function belowCeiling(
  name: string,
  options: ExponentialOptions,
  drawMs: (ceilingMs: number, random: Random) => number,
): Policy {
  const { delayBaseMs, delayMaxMs, attemptsMax } = exponentialOptions(options);
  return backoff({
    name,
    attemptsMax,
    delayMs(attempt, _delayBeforeMs, random, flags) {
      // 2 ** 1024 is Infinity, and 0 · Infinity is NaN: a wait of no time at all.
      const doubledMs = delayBaseMs * 2 ** Math.min(attempt - 1, 1023);
      return drawMs(Math.min(capMs(flags, delayBaseMs, delayMaxMs), doubledMs), random);
    },
  });
}

/** Whoever sets the flag to 0 in an outage would have the storm without any wait. */
export function capMs(flags: Flags, delayBaseMs: number, delayMaxMs: number): number {
  return Math.max(delayBaseMs, flagNumber(flags, RETRY_DELAY_MAX_FLAG, delayMaxMs));
}

/** The options, checked, with their defaults. */
export function exponentialOptions(options: ExponentialOptions): Required<ExponentialOptions> {
  expectKnown(options, EXPONENTIAL_OPTIONS);
  const { delayBaseMs = 100, delayMaxMs = 20_000, attemptsMax = ATTEMPTS_MAX_DEFAULT } = options;
  expectAtLeast("delayBaseMs", delayBaseMs, 0);
  expectAtLeast("delayMaxMs", delayMaxMs, delayBaseMs, "delayBaseMs");
  return { delayBaseMs, delayMaxMs, attemptsMax };
}
