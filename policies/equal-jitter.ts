/**
 * Waits half of `exponential` for certain and draws the other half: nobody comes back at once, and the
 * spread is half as wide as `fullJitter`'s (Brooker, "Exponential Backoff And Jitter", AWS 2015,
 * https://aws.amazon.com/blogs/architecture/exponential-backoff-and-jitter/). The draw comes after the
 * cap, so it spreads there too.
 *
 * Options, units, defaults, flag and errors are those of `exponential`.
 *
 * ```ts
 * import { equalJitter } from "stormproof/policies";
 *
 * equalJitter({ delayBaseMs: 200 }).name; // => "equal-jitter"
 * ```
 *
 * Waits in ms of `equalJitter({ attemptsMax: 11 })`, seed 1, each attempt `timeout`:
 *
 * | attempt | 1 | 2 | 3 | 4 | 5 | 6 | 7 | 8 | 9 | 10 |
 * | --- | --- | --- | --- | --- | --- | --- | --- | --- | --- | --- |
 * | wait | 62 | 176 | 341 | 532 | 1311 | 1774 | 4898 | 8599 | 14593 | 19977 |
 */
import type { Policy } from "../src/policy.ts";
import { belowCeiling, type ExponentialOptions } from "./exponential.ts";

export function equalJitter(options: ExponentialOptions = {}): Policy {
  return belowCeiling("equal-jitter", options, (ceilingMs, random) => {
    return (ceilingMs / 2) * (1 + random());
  });
}
