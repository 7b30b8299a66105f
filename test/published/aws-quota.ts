/**
 * The retry quota of the AWS SDKs' standard mode as of 2026: a retry costs tokens, a first attempt that is
 * answered brings one back, and a retry that is answered what it cost. At most three attempts; full jitter
 * up to 20 s. Unlike `budgeted` it pays when it decides to retry, as the SDKs do.
 *
 * @see https://docs.aws.amazon.com/sdkref/latest/guide/feature-retry-behavior.html
 */
import { fullJitter } from "../../policies/index.ts";
import type { Policy } from "../../src/policy.ts";

export interface AwsQuotaOptions {
  /** Tokens for a retry: 14 after a transient error, 5 after throttling. */
  readonly cost: number;
  /** 50 after a transient error, 1000 after throttling. */
  readonly delayBaseMs: number;
  /** @default 500 */
  readonly tokensMax?: number;
  /** @default tokensMax */
  readonly tokensInitial?: number;
}

export function awsQuota(options: AwsQuotaOptions): Policy<{ tokens: number }> {
  const { cost, delayBaseMs, tokensMax = 500, tokensInitial = tokensMax } = options;
  const jitter = fullJitter({ delayBaseMs, delayMaxMs: 20_000, attemptsMax: 3 });
  return {
    name: "aws-quota",
    initial: { tokens: tokensInitial },
    decide(state, event, random) {
      const decision = jitter.decide({}, event, random);
      if (event.kind !== "failure" || decision.do === "stop") return decision;
      if (state.tokens < cost) return { do: "stop", why: "budget" };
      state.tokens -= cost;
      return decision;
    },
    observe(state, event) {
      if (event.kind !== "success") return;
      const back = event.attempt === 1 ? 1 : cost;
      state.tokens = Math.min(tokensMax, state.tokens + back);
    },
  };
}
