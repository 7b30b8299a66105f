/**
 * Retries at once, by default for ever: the naive loop, and what several libraries do unless told
 * otherwise (cockatiel 4.0.0: no limit, constant backoff of 0). It doubles the load of a server that
 * just failed, which is all that a metastable failure needs (Bronson et al., "Metastable Failures in
 * Distributed Systems", HotOS 2021,
 * https://sigops.org/s/conferences/hotos/2021/papers/hotos21-s11-bronson.pdf).
 *
 * Errors: a RangeError when `attemptsMax` is not an integer ≥ 1 or Infinity.
 *
 * ```ts
 * import { immediate } from "stormproof/policies";
 *
 * immediate({ attemptsMax: 10 }).name; // => "immediate"
 * ```
 *
 * Waits in ms of `immediate()`, seed 1, each attempt `timeout`:
 *
 * | attempt | 1 | 2 | 3 | 4 | 5 | 6 | 7 | 8 | 9 | 10 |
 * | --- | --- | --- | --- | --- | --- | --- | --- | --- | --- | --- |
 * | wait | 0 | 0 | 0 | 0 | 0 | 0 | 0 | 0 | 0 | 0 |
 */
import type { Policy } from "../src/policy.ts";
import { backoff } from "./backoff.ts";
import { expectKnown } from "./options.ts";

export interface ImmediateOptions {
  /** Attempts of one call, the first included; an integer ≥ 1 or Infinity. @default Infinity */
  readonly attemptsMax?: number | undefined;
}

export function immediate(options: ImmediateOptions = {}): Policy {
  expectKnown(options, ["attemptsMax"]);
  const { attemptsMax = Infinity } = options;
  return backoff({ name: "immediate", attemptsMax, delayMs: () => 0 });
}
