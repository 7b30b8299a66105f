/**
 * Waits as long as the server asked, and then what the inner policy waits: never early, and spread
 * above the hint (`Retry-After`, RFC 9110 §10.2.3,
 * https://www.rfc-editor.org/rfc/rfc9110#section-10.2.3).
 *
 * - A hint above `retryAfterMaxMs` stops the call with "retry-after". Coming earlier than asked is what
 *   undici 8.12.4 and ky 2.1.0 do when their limit is below the hint. A hint beyond the deadline stops
 *   it too; every driver sees to that.
 * - A server that tells a crowd "in 10 s" gets the crowd in 10 s. The inner jitter may be a hundred
 *   times narrower than the hint, or nothing. So this adds its own: a uniform draw below
 *   `jitterRatio` · (hint + inner wait). At 1/2, the default, no twentieth of the time above the hint
 *   gets more than 3/20 of the crowd, whatever the hint and even around `exponential`.
 *
 * Errors: a RangeError when an option is not a finite number ≥ 0.
 *
 * ```ts
 * import { fullJitter, retryAfter } from "stormproof/policies";
 *
 * const patient = retryAfter(fullJitter(), { retryAfterMaxMs: 30_000 });
 * patient.name; // => "retry-after(full-jitter)"
 * ```
 *
 * Waits in ms of `retryAfter(fullJitter({ attemptsMax: 11 }))`,
 * seed 1, each attempt `rejected 503, retry after 2000 ms`:
 *
 * | attempt | 1 | 2 | 3 | 4 | 5 | 6 | 7 | 8 | 9 | 10 |
 * | --- | --- | --- | --- | --- | --- | --- | --- | --- | --- | --- |
 * | wait | 2363 | 2300 | 3136 | 2927 | 3051 | 3096 | 6836 | 6834 | 14238 | 28756 |
 */
import type { Policy, Stop } from "../src/policy.ts";
import { expectAtLeast, expectKnown } from "./options.ts";
import { wrap } from "./wrapping.ts";

export interface RetryAfterOptions {
  /** A longer hint stops the call. @default 60000 */
  readonly retryAfterMaxMs?: number | undefined;
  /** The widest own wait above the hint, relative to hint + inner wait. @default 0.5 */
  readonly jitterRatio?: number | undefined;
}

export const RETRY_AFTER_OPTIONS = ["retryAfterMaxMs", "jitterRatio"] as const;

export function retryAfter(inner: Policy, options: RetryAfterOptions = {}): Policy {
  expectKnown(options, RETRY_AFTER_OPTIONS);
  const { retryAfterMaxMs = 60_000, jitterRatio = 0.5 } = options;
  expectAtLeast("retryAfterMaxMs", retryAfterMaxMs, 0);
  expectAtLeast("jitterRatio", jitterRatio, 0);
  return wrap(inner, {
    name: "retry-after",
    decide(state, event, random) {
      const decision = inner.decide(state, event, random);
      if (event.kind !== "failure" || event.outcome.kind !== "rejected") return decision;
      const hintMs = event.outcome.retryAfterMs;
      if (hintMs === undefined || decision.do === "stop") return decision;
      // Said this way round, NaN stops too.
      if (!(hintMs <= retryAfterMaxMs)) return TOO_LATE;
      const innerMs = decision.do === "wait" ? decision.delayMs : 0;
      const askedMs = Math.max(0, hintMs) + innerMs;
      return { do: "wait", delayMs: askedMs + jitterRatio * askedMs * random() };
    },
  });
}

const TOO_LATE: Stop = Object.freeze({ do: "stop", why: "retry-after" });
