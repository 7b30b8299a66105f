/**
 * What the waiting policies share: after a failure, wait as long as `delayMs` says and try again,
 * until `attemptsMax` attempts were made, hedges included. First attempts go out at once.
 *
 * Such a policy bounds the attempts of one call, not the load of a client: three attempts are up to
 * three times the load (Huang et al., "Metastable Failures in the Wild", OSDI 2022, theorem 2,
 * https://www.usenix.org/system/files/osdi22-huang-lexiang.pdf). `budgeted` bounds the load.
 *
 * When the flag `retryDelayMaxMs` changes during a wait, the wait is drawn again under the new cap, and
 * the later end counts: a raised cap reaches waits that are running, and nothing shortens one.
 *
 * Errors: a RangeError when `attemptsMax` is not an integer ≥ 1 or Infinity.
 *
 * ```ts
 * import { backoff } from "./backoff.ts";
 *
 * const linear = backoff({ name: "linear", attemptsMax: 4, delayMs: (attempt) => 100 * attempt });
 * linear.name; // => "linear"
 * ```
 *
 * Waits in ms of `backoff({ name: "linear", attemptsMax: 11, delayMs: (attempt) => 100 * attempt })`,
 * seed 1, each attempt `timeout`:
 *
 * | attempt | 1 | 2 | 3 | 4 | 5 | 6 | 7 | 8 | 9 | 10 |
 * | --- | --- | --- | --- | --- | --- | --- | --- | --- | --- | --- |
 * | wait | 100 | 200 | 300 | 400 | 500 | 600 | 700 | 800 | 900 | 1000 |
 */
import type { Flags, Policy, Random, Send, Stop, Wait, Wake } from "../src/policy.ts";
import { expectAttemptsMax } from "./options.ts";

/** A number: takes the place of `delayMaxMs`. */
export const RETRY_DELAY_MAX_FLAG = "retryDelayMaxMs";

export const ATTEMPTS_MAX_DEFAULT = 3;

export interface AttemptsOptions {
  /** Attempts of one call, the first included; an integer ≥ 1 or Infinity. @default 3 */
  readonly attemptsMax?: number | undefined;
}

/**
 * How long to wait after `attempt` failed, the call having waited `delayBeforeMs` before it; 0 too when a
 * running wait is drawn again.
 */
export type DelayMs = (
  attempt: number,
  delayBeforeMs: number,
  random: Random,
  flags: Flags,
) => number;

export interface BackoffOptions {
  readonly name: string;
  readonly attemptsMax: number;
  readonly delayMs: DelayMs;
}

export function backoff({ name, attemptsMax, delayMs }: BackoffOptions): Policy {
  expectAttemptsMax(attemptsMax);
  return {
    name,
    initial: {},
    decide(_state, event, random) {
      if (event.kind === "start") return SEND;
      if (event.kind === "wake") return isCapNew(event) ? lengthened(event, random) : SEND;
      if (event.attempt >= attemptsMax) return ATTEMPTS;
      if (event.kind === "hedge") return SEND;
      const { attempt, delayBeforeMs, flags } = event;
      return { do: "wait", delayMs: delayMs(attempt, delayBeforeMs, random, flags) };
    },
  };

  function lengthened({ attempt, waitedMs, flags }: Wake, random: Random): Wait {
    return { do: "wait", delayMs: Math.max(0, delayMs(attempt, 0, random, flags) - waitedMs) };
  }
}

/** Whether the cap has changed during this wait. */
function isCapNew({ attempt, remainingMs, nowMs, waitedMs, flags }: Wake): boolean {
  const changedMs = flags.changedAtMs(RETRY_DELAY_MAX_FLAG) ?? -Infinity;
  return attempt > 0 && remainingMs > 0 && changedMs > nowMs - waitedMs;
}

const SEND: Send = Object.freeze({ do: "send" });
const ATTEMPTS: Stop = Object.freeze({ do: "stop", why: "attempts" });
