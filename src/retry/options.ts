/** What a retry client is made of, and what one call may say differently. */
import type { DecisionRandom } from "../ask.ts";
import {
  BOOLEAN,
  type Check,
  type Checks,
  FUNCTION,
  OBJECT,
  objectWith,
} from "../check-options.ts";
import { type Clock, DELAY_MAX_MS } from "../clock.ts";
import type { Outcome, Policy } from "../policy.ts";
import type { FlagSource } from "./flag-source.ts";
import type { Observed } from "./hooks.ts";
import type { RunningCall } from "./running-call.ts";

export interface RetryOptions extends Limits, Observed {
  /**
   * Decides; see "stormproof/policies". Default: `vetted` without a deadline: full jitter, 3 attempts, a
   * retry budget of 10 %, Retry-After up to a minute.
   */
  readonly policy?: Policy;
  /** As a call's. */
  readonly shouldRetry?: ShouldRetry;
  /** What policies read when they decide; see "stormproof/openfeature". Default: every flag at the policy's fallback. */
  readonly flags?: FlagSource;
  /**
   * Throws the session away and builds a new one, when the policy says so, just before the attempt. It has
   * `timeoutMs` of its own and is not retried: when it fails, the attempt is sent all the same.
   */
  readonly resetSession?: SessionReset;
  /** `hedging` of "stormproof/hedging", which a policy that hedges needs. */
  readonly hedging?: Hedging;
  /** What an attempt's error says about the server. Default: `classifyError`. */
  readonly classify?: (error: unknown) => Outcome;
  /** True: what it waits for keeps no process alive (Node), as far as `clock` is not given. Default: false. */
  readonly unref?: boolean | undefined;
  /** Tells the time, and waits. Default: `systemClock`. */
  readonly clock?: Clock;
  /** The chance of each decision, by (client, call, attempt, purpose). Default: `Math.random` for all. */
  readonly random?: DecisionRandom;
  /** Names this client in `random` and in events; a whole number ≥ 0. Default: 0. */
  readonly clientId?: number | undefined;
  /** Waits are rounded up to this, so nothing is sent earlier than asked. Default: 1. */
  readonly tickMs?: number | undefined;
}

/** How calls are made of which several attempts may be in flight. */
export type Hedging = typeof RunningCall;

/** `limitMs`: how long it may take, from now. */
export type SessionReset = (context: {
  readonly limitMs: number;
  readonly signal: AbortSignal;
}) => unknown;

/**
 * Whether a failure is worth another attempt: true, though `classify` says no; false, though it says yes;
 * undefined, as it says. The policy decides all the same, and a timeout is always worth one.
 */
export type ShouldRetry = (
  error: unknown,
  context: { readonly attempt: number },
) => boolean | undefined;

export interface CallOptions extends Limits, Observed {
  /** The caller's: aborting it ends the call at once, in an attempt or in a wait. */
  readonly signal?: AbortSignal | undefined;
  /** Of this call, instead of its client's. */
  readonly shouldRetry?: ShouldRetry;
  /** False: whatever its failure, a timeout too, it is not retried, nor hedged. Default: true. */
  readonly repeatable?: boolean | undefined;
  /** False: no attempt goes out beside another. Default: true, for policies that hedge. */
  readonly hedges?: boolean | undefined;
}

/** Of a client, for all its calls; or of one call, instead of its client's. At most `DELAY_MAX_MS` each. */
interface Limits {
  /** Of one attempt: then it counts as timed out, even if it ignores its signal. Default: none. */
  readonly timeoutMs?: number | undefined;
  /** Of the whole call, waits included, from its start: no attempt starts after it or outlives it. Default: none. */
  readonly deadlineMs?: number | undefined;
}

export const MS: Check = [
  `a number > 0 and ≤ ${DELAY_MAX_MS}`,
  (value) => typeof value === "number" && value > 0 && value <= DELAY_MAX_MS,
];

const OF_BOTH: Checks<Limits & Observed & Pick<CallOptions, "shouldRetry">> = {
  timeoutMs: MS,
  deadlineMs: MS,
  shouldRetry: FUNCTION,
  observer: OBJECT,
  onFailedAttempt: FUNCTION,
  onRetry: FUNCTION,
  onGiveUp: FUNCTION,
};

export const CALL_CHECKS: Checks<CallOptions> = {
  ...OF_BOTH,
  signal: objectWith("addEventListener", "removeEventListener"),
  repeatable: BOOLEAN,
  hedges: BOOLEAN,
};

export const RETRY_CHECKS: Checks<RetryOptions> = {
  policy: ["a policy { name, initial, decide }", isPolicy],
  ...OF_BOTH,
  flags: objectWith("current", "subscribe"),
  hedging: FUNCTION,
  resetSession: FUNCTION,
  classify: FUNCTION,
  unref: BOOLEAN,
  clock: objectWith("nowMs", "sleep", "timeout"),
  random: FUNCTION,
  clientId: ["a whole number ≥ 0", (value) => Number.isSafeInteger(value) && Number(value) >= 0],
  tickMs: MS,
};

/** As far as `Ask` relies on it. `checkPolicy` looks closer, and tells what is wrong. */
function isPolicy(value: unknown): boolean {
  const { initial, decide } = (value ?? {}) as Partial<Policy>;
  return typeof decide === "function" && typeof initial === "object";
}
