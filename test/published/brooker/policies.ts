/**
 * The two client-side limits of Brooker's study, as its code has them and its text does not: tokens come
 * with every call, not with successes, and nothing caps the attempts (mbrooker/simulator_example@bbfe394,
 * `retry_sim/retry_strategy.py`). Neither waits.
 */
import type { Policy } from "../../../src/policy.ts";

const TOKENS_MAX = 5;
const TOKENS_PER_CALL = 0.1;

/** A retry costs a token and needs more than one. */
export const bucket: Policy = {
  name: "adaptive_10pct",
  initial: { tokens: TOKENS_MAX },
  decide(state, event) {
    if (event.kind === "start") {
      state.tokens = Math.min(TOKENS_MAX, state.tokens + TOKENS_PER_CALL);
    }
    if (event.kind !== "failure") return { do: "send" };
    if (state.tokens <= 1) return { do: "stop", why: "budget" };
    state.tokens -= 1;
    return { do: "wait", delayMs: 0 };
  },
};

const FAILURES_PER_CALL_MAX = 0.1;

/** Three retries, unless failed attempts ÷ calls, of the client's whole life, are above 0.1. */
export const breaker: Policy = {
  name: "breaker_10pct",
  initial: { calls: 0, failures: 0 },
  decide(state, event) {
    if (event.kind === "start") state.calls++;
    if (event.kind !== "failure") return { do: "send" };
    state.failures++;
    if (state.failures / state.calls > FAILURES_PER_CALL_MAX) return { do: "stop", why: "breaker" };
    if (event.attempt >= 4) return { do: "stop", why: "attempts" };
    return { do: "wait", delayMs: 0 };
  },
};
