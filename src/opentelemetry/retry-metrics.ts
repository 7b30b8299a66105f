import { TOKENS_THOUSANDTHS } from "../../policies/budgeted.ts";
import type { AttemptEnd, RetryObserver } from "../retry/observer.ts";
import type { Attributes, Meter } from "./api.ts";

/** In seconds; up to the longest Retry-After that `vetted` waits for. */
const WAIT_BOUNDARIES = [0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 20, 30, 60];

/**
 * What retry clients do, as metrics: an observer for `createRetry` or `createFetch`. The same one may
 * serve many clients.
 *
 * | metric | kind, unit | attributes beside yours |
 * |---|---|---|
 * | `stormproof.calls` | counter, {call} | `stormproof.call.end`: answered, abandoned, broken, or why it stopped |
 * | `stormproof.attempts` | counter, {attempt} | `stormproof.attempt.outcome`: answered, rejected, timeout, connection, fatal, abandoned; `http.response.status_code` where known |
 * | `stormproof.retries` | counter, {attempt} | |
 * | `stormproof.hedges` | counter, {attempt} | |
 * | `stormproof.wait.duration` | histogram, s | |
 * | `stormproof.session.resets` | counter, {reset} | `stormproof.session.reset.outcome`: done, failed |
 * | `stormproof.budget.tokens` | gauge, {token} | `stormproof.client.id` |
 *
 * - An attempt counts when it ends, a retry or a hedge when it is sent, a wait as it is planned. An attempt
 *   that another one beside it has beaten is "abandoned"; one whose caller left counts nowhere but in its
 *   call's end.
 * - A hedge is an attempt beside one in flight, and no retry. Amplification is (calls + retries + hedges) ÷
 *   calls.
 * - The tokens are those of `budgeted`, as the client's last call ended.
 *
 * @example
 * ```ts
 * import { createRetry } from "stormproof";
 * import { retryMetrics } from "stormproof/opentelemetry";
 * import { metrics } from "@opentelemetry/api";
 *
 * const observer = retryMetrics(metrics.getMeter("stormproof"), {
 *   attributes: { "service.peer.name": "checkout" },
 * });
 * const retry = createRetry({ observer });
 * await retry(() => "fine"); // => "fine"
 * ```
 */
export function retryMetrics(
  meter: Meter,
  { attributes = {} }: { readonly attributes?: Attributes } = {},
): RetryObserver {
  const counter = (name: string, unit: string, description: string) =>
    meter.createCounter(`stormproof.${name}`, { unit, description });
  const calls = counter("calls", "{call}", "Calls that have ended.");
  const attempts = counter("attempts", "{attempt}", "Attempts that have ended.");
  const retries = counter("retries", "{attempt}", "Attempts after others of their call.");
  const hedges = counter("hedges", "{attempt}", "Attempts beside others of their call.");
  const resets = counter("session.resets", "{reset}", "Session resets that have ended.");
  const waits = meter.createHistogram("stormproof.wait.duration", {
    unit: "s",
    description: "Planned waits before a retry.",
    advice: { explicitBucketBoundaries: WAIT_BOUNDARIES },
  });
  const tokens = meter.createGauge("stormproof.budget.tokens", {
    unit: "{token}",
    description: "Retries that the budget has left.",
  });

  return {
    attemptStarted({ attempt, isHedge }) {
      if (isHedge) hedges.add(1, attributes);
      else if (attempt > 1) retries.add(1, attributes);
    },
    attemptEnded({ end }) {
      attempts.add(1, { ...attributes, ...outcomeOf(end) });
    },
    retryPlanned({ delayMs }) {
      waits.record(delayMs / 1000, attributes);
    },
    sessionResetEnded({ error }) {
      const outcome = error === undefined ? "done" : "failed";
      resets.add(1, { ...attributes, "stormproof.session.reset.outcome": outcome });
    },
    callEnded({ client, why, state }) {
      calls.add(1, { ...attributes, "stormproof.call.end": why });
      const { [TOKENS_THOUSANDTHS]: thousandths } = state;
      if (thousandths === undefined) return;
      tokens.record(thousandths / 1000, { ...attributes, "stormproof.client.id": client });
    },
  };
}

function outcomeOf(end: AttemptEnd): Attributes {
  const outcome = { "stormproof.attempt.outcome": end.kind };
  const status = "status" in end ? end.status : undefined;
  return status === undefined ? outcome : { ...outcome, "http.response.status_code": status };
}
