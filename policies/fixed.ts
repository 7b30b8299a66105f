/**
 * Waits the same time before every retry, without jitter: whoever failed together comes back together
 * (fetch-retry 6.0.0 waits 1 s each time, Signal Desktop 1.39.5 reconnected after 60 s each time,
 * https://github.com/signalapp/Signal-Desktop).
 *
 * Errors: a RangeError when `delayMs` is not a finite number ≥ 0, or `attemptsMax` not an integer ≥ 1
 * or Infinity.
 *
 * ```ts
 * import { fixed } from "stormproof/policies";
 *
 * fixed({ delayMs: 1000, attemptsMax: 5 }).name; // => "fixed"
 * ```
 *
 * Waits in ms of `fixed({ attemptsMax: 11 })`, seed 1, each attempt `timeout`:
 *
 * | attempt | 1 | 2 | 3 | 4 | 5 | 6 | 7 | 8 | 9 | 10 |
 * | --- | --- | --- | --- | --- | --- | --- | --- | --- | --- | --- |
 * | wait | 100 | 100 | 100 | 100 | 100 | 100 | 100 | 100 | 100 | 100 |
 */
import type { Policy } from "../src/policy.ts";
import { ATTEMPTS_MAX_DEFAULT, type AttemptsOptions, backoff } from "./backoff.ts";
import { expectAtLeast, expectKnown } from "./options.ts";

export interface FixedOptions extends AttemptsOptions {
  /** Before every retry. @default 100 */
  readonly delayMs?: number | undefined;
}

export function fixed(options: FixedOptions = {}): Policy {
  expectKnown(options, ["delayMs", "attemptsMax"]);
  const { delayMs = 100, attemptsMax = ATTEMPTS_MAX_DEFAULT } = options;
  expectAtLeast("delayMs", delayMs, 0);
  return backoff({ name: "fixed", attemptsMax, delayMs: () => delayMs });
}
