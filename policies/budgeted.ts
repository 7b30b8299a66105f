/**
 * Bounds the retries of a client, not of a call: each costs a token, and only successes bring tokens
 * back, `ratio` of one each. When the server answers, nearly every failed call may be retried; when it
 * does not, the jar is soon empty and the load is the offered load again. A limit on attempts cannot do
 * that: it multiplies the load exactly when there is too much of it.
 *
 * A full jar is a debt: after a trigger all clients together may send clients · `tokensMax` extra
 * requests. For clients with few calls, `tokensInitial` is what matters: it is how often a young client
 * may retry at all. The defaults are the smallest that mend nine in ten rare failures, however many calls a
 * client makes; with them 20,000 clients recover in a minute and a half from what ten tokens each keep
 * going for four (docs/decisions/0018). Who has few clients, or reconnects until it works, may take more.
 *
 * - First attempts cost nothing, and a client without tokens still sends them.
 * - A failure with less than one whole token stops the call with "budget" at once. Otherwise the token
 *   is spent when the retry leaves, so an abandoned wait has nothing to give back. Several waiting
 *   calls may count on the last token; all but the first to wake then stop.
 * - Tokens are integers, thousandths: ten times 0.1 is not 1 in floating point.
 * - The flag `retryBudgetRatio` takes the place of `ratio`, from the next success on, rounded to
 *   thousandths; no finite number ≥ 0 counts as missing. One above `ratio` breaks the claim, knowingly.
 *
 * After Finagle's RetryBudget (https://finagle.github.io/blog/2016/02/08/retry-budgets), which fills on
 * requests, and gRPC's throttle (https://github.com/grpc/proposal/blob/master/A6-client-retries.md),
 * which fills on successes.
 *
 * Errors: a RangeError when `ratio`, `tokensMax` or `tokensInitial` is not a multiple of 0.001 and ≥ 0,
 * or `tokensInitial` is above `tokensMax`. An Error around a policy that is budgeted already.
 *
 * ```ts
 * import { budgeted, fullJitter } from "stormproof/policies";
 *
 * const policy = budgeted(fullJitter(), { ratio: 0.2, tokensMax: 5 });
 * policy.name; // => "budgeted(full-jitter)"
 * policy.claim; // => { burstPerClient: 5, ratio: 0.2, perSecond: 0 }
 * ```
 *
 * Waits in ms of `budgeted(fullJitter({ attemptsMax: 11 }), { tokensMax: 6, tokensInitial: 6 })`,
 * seed 1, each attempt `timeout`:
 *
 * | attempt | 1 | 2 | 3 | 4 | 5 | 6 | 7 | 8 | 9 | 10 |
 * | --- | --- | --- | --- | --- | --- | --- | --- | --- | --- | --- |
 * | wait | 24 | 152 | 282 | 263 | 1021 | 347 | budget | | | |
 */
import type { Claim, Policy, Stop } from "../src/policy.ts";
import { flagNumber } from "./flag-number.ts";
import { expectAtMost, expectKnown, expectThousandths } from "./options.ts";
import { isRetryDue, wrap } from "./wrapping.ts";

export interface BudgetedOptions {
  /** Tokens a success brings; in the long run retries ÷ successes. What the flag falls back to. @default 0.1 */
  readonly ratio?: number | undefined;
  /** How many retries a client can save up. @default 3 */
  readonly tokensMax?: number | undefined;
  /** What a new client starts with. @default 2, or `tokensMax` if that is less */
  readonly tokensInitial?: number | undefined;
}

/** A number: takes the place of `ratio`. */
export const RETRY_BUDGET_RATIO_FLAG = "retryBudgetRatio";

export const BUDGETED_OPTIONS = ["ratio", "tokensMax", "tokensInitial"] as const;

/** The state's cell, for whoever shows how full a client's jar is. */
export const TOKENS_THOUSANDTHS = "budgeted.tokensThousandths";
const TOKEN_THOUSANDTHS = 1000;

export function budgeted(inner: Policy, options: BudgetedOptions = {}): Policy {
  expectKnown(options, BUDGETED_OPTIONS);
  const { ratio = 0.1, tokensMax = 3, tokensInitial = Math.min(2, tokensMax) } = options;
  expectThousandths("ratio", ratio);
  expectThousandths("tokensMax", tokensMax);
  expectThousandths("tokensInitial", tokensInitial);
  expectAtMost("tokensInitial", tokensInitial, tokensMax, "tokensMax");
  const maxThousandths = Math.round(tokensMax * 1000);
  const initialThousandths = Math.round(tokensInitial * 1000);
  return wrap(inner, {
    name: "budgeted",
    own: { [TOKENS_THOUSANDTHS]: initialThousandths },
    // `wrap` refuses what is no policy.
    claim: claimAround(inner?.claim, { burstPerClient: tokensMax, ratio, perSecond: 0 }),
    decide(state, event, random) {
      const isEmpty = state[TOKENS_THOUSANDTHS] < TOKEN_THOUSANDTHS;
      const isDue = isRetryDue(event);
      // Before the inner policy is asked: it must not note down a sending that will not happen.
      if (isDue && isEmpty) return BUDGET;
      const decision = inner.decide(state, event, random);
      if (decision.do === "stop") return decision;
      if (event.kind === "failure" && isEmpty) return BUDGET;
      if (isDue && decision.do === "send") state[TOKENS_THOUSANDTHS] -= TOKEN_THOUSANDTHS;
      return decision;
    },
    observe(state, event) {
      if (event.kind === "success") {
        const filled = Math.round(flagNumber(event.flags, RETRY_BUDGET_RATIO_FLAG, ratio) * 1000);
        state[TOKENS_THOUSANDTHS] = Math.min(maxThousandths, state[TOKENS_THOUSANDTHS] + filled);
      }
      inner.observe?.(state, event);
    },
  });
}

/** Retries keep to this budget; whatever else the inner policy sends keeps to its own claim. */
function claimAround(inner: Claim | undefined, own: Claim): Claim {
  if (inner === undefined) return own;
  return {
    burstPerClient: inner.burstPerClient + own.burstPerClient,
    ratio: inner.ratio + own.ratio,
    perSecond: inner.perSecond + own.perSecond,
  };
}

const BUDGET: Stop = Object.freeze({ do: "stop", why: "budget" });
