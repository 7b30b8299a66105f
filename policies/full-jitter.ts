/**
 * Waits a uniform draw between nothing and what `exponential` waits: the widest spread for that
 * ceiling, and the fewest calls of the four in Brooker, "Exponential Backoff And Jitter", AWS 2015,
 * https://aws.amazon.com/blogs/architecture/exponential-backoff-and-jitter/ together with
 * `equalJitter`. The draw comes after the cap, so it spreads there too.
 *
 * Options, units, defaults and errors are those of `exponential`.
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
import { backoff } from "./backoff.ts";
import { ceilingMs, type ExponentialOptions, exponentialOptions } from "./exponential.ts";

export function fullJitter(options: ExponentialOptions = {}): Policy {
  const { delayBaseMs, delayMaxMs, attemptsMax } = exponentialOptions(options);
  return backoff({
    name: "full-jitter",
    attemptsMax,
    delayMs: (attempt, _delayBeforeMs, random) =>
      ceilingMs(attempt, delayBaseMs, delayMaxMs) * random(),
  });
}
