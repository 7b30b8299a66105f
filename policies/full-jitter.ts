/**
 * Waits a uniform draw between nothing and what `exponential` waits: the widest spread for that
 * ceiling, and the fewest calls of the four in Brooker, "Exponential Backoff And Jitter", AWS 2015,
 * https://aws.amazon.com/blogs/architecture/exponential-backoff-and-jitter/ together with
 * `equalJitter`. The draw comes after the cap, so it spreads there too.
 *
 * Options, units, defaults, flag and errors are those of `exponential`.
 *
 * ```ts
 * import { fullJitter } from "stormproof/policies";
 *
 * fullJitter({ delayBaseMs: 50, attemptsMax: 4 }).name; // => "full-jitter"
 * ```
 *
 * Waits in ms of `fullJitter({ attemptsMax: 11 })`, seed 1, each attempt `timeout`:
 *
 * | attempt | 1 | 2 | 3 | 4 | 5 | 6 | 7 | 8 | 9 | 10 |
 * | --- | --- | --- | --- | --- | --- | --- | --- | --- | --- | --- |
 * | wait | 24 | 152 | 282 | 263 | 1021 | 347 | 3395 | 4397 | 9185 | 19954 |
 */
import type { Policy } from "../src/policy.ts";
import { belowCeiling, type ExponentialOptions } from "./exponential.ts";

export function fullJitter(options: ExponentialOptions = {}): Policy {
  return belowCeiling("full-jitter", options, (ceilingMs, random) => ceilingMs * random());
}
