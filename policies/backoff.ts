/**
 * What the waiting policies share: after a failure, wait as long as `delayMs` says and try again,
 * until `attemptsMax` attempts were made, hedges included. First attempts go out at once.
 *
 * Such a policy bounds the attempts of one call, not the load of a client: three attempts are up to
 * three times the load (Huang et al., "Metastable Failures in the Wild", OSDI 2022, theorem 2,
 * https://www.usenix.org/system/files/osdi22-huang-lexiang.pdf). `budgeted` bounds the load.
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
import type { Policy, Random, Send, Stop } from "../src/policy.ts";
import { expectAttemptsMax } from "./options.ts";

export const ATTEMPTS_MAX_DEFAULT = 3;

export interface AttemptsOptions {
  /** Attempts of one call, the first included; an integer ≥ 1 or Infinity. @default 3 */
  readonly attemptsMax?: number;
}

/** How long to wait after `attempt` failed, the call having waited `delayBeforeMs` before it. */
export type DelayMs = (attempt: number, delayBeforeMs: number, random: Random) => number;

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
      if (event.kind === "start" || event.kind === "wake") return SEND;
      if (event.attempt >= attemptsMax) return ATTEMPTS;
      if (event.kind === "hedge") return SEND;
      return { do: "wait", delayMs: delayMs(event.attempt, event.delayBeforeMs, random) };
    },
  };
}

const SEND: Send = Object.freeze({ do: "send" });
const ATTEMPTS: Stop = Object.freeze({ do: "stop", why: "attempts" });
