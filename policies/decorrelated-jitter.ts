/**
 * Draws each wait from the one before: min(delayMaxMs, U(delayBaseMs, 3 · previous)), the first
 * previous being `delayBaseMs` (Brooker, "Exponential Backoff And Jitter", AWS 2015,
 * https://aws.amazon.com/blogs/architecture/exponential-backoff-and-jitter/).
 *
 * Its cap comes after the draw, as in the source: once a wait reached `delayMaxMs`, about two of three
 * that follow are exactly `delayMaxMs`, and those clients march in step. `fullJitter` does not.
 *
 * Options, units, defaults, flag and errors are those of `exponential`; `delayBaseMs` is the shortest
 * wait. A wait that is running when the flag changes knows no previous one, so it is hardly ever longer.
 *
 * ```ts
 * import { decorrelatedJitter } from "stormproof/policies";
 *
 * decorrelatedJitter({ delayMaxMs: 5000 }).name; // => "decorrelated-jitter"
 * ```
 *
 * Waits in ms of `decorrelatedJitter({ attemptsMax: 11 })`, seed 1, each attempt `timeout`:
 *
 * | attempt | 1 | 2 | 3 | 4 | 5 | 6 | 7 | 8 | 9 | 10 |
 * | --- | --- | --- | --- | --- | --- | --- | --- | --- | --- | --- |
 * | wait | 147 | 358 | 786 | 842 | 1648 | 625 | 1042 | 1140 | 1625 | 4864 |
 */
import type { Policy } from "../src/policy.ts";
import { backoff } from "./backoff.ts";
import { capMs, type ExponentialOptions, exponentialOptions } from "./exponential.ts";

export function decorrelatedJitter(options: ExponentialOptions = {}): Policy {
  const { delayBaseMs, delayMaxMs, attemptsMax } = exponentialOptions(options);
  return backoff({
    name: "decorrelated-jitter",
    attemptsMax,
    delayMs(attempt, delayBeforeMs, random, flags) {
      // A call may have waited before its first attempt; that was no backoff.
      const previousMs = attempt === 1 ? delayBaseMs : Math.max(delayBaseMs, delayBeforeMs);
      const drawnMs = delayBaseMs + random() * (3 * previousMs - delayBaseMs);
      return Math.min(capMs(flags, delayBaseMs, delayMaxMs), drawnMs);
    },
  });
}
