/**
 * Hedges: when an attempt takes longer than most of this client's do, a second one goes out beside it and
 * the first answer counts. Where single servers are slow now and then, that takes the slow twentieth of
 * the calls off the user's wait for a twentieth more requests (Dean & Barroso, "The Tail at Scale",
 * CACM 56(2), 2013, https://doi.org/10.1145/2408776.2408794; in gRPC: "hedging",
 * https://github.com/grpc/proposal/blob/master/A6-client-retries.md).
 *
 * When all servers are slow there is no faster one to ask, and hedges are load like retries, so:
 * - Put it inside `budgeted`, as in `budgeted(hedged(fullJitter()))`: retries and hedges then spend from
 *   one jar, and an empty one means no hedge. The inner policy's `attemptsMax` bounds both together.
 * - It follows the server: what outlasts its hedge, or its timeout, counts as endless. When more than the
 *   slowest twentieth are, nothing is hedged until it is known again how long attempts take.
 * - What fails is not slow: a failure beside an attempt in flight sends nothing.
 *
 * An app hands `hedging` of `stormproof/hedging` to its client beside such a policy.
 *
 * Hedging sends twice what is still being worked on. Use it only for what may be done twice; an
 * idempotency key makes a server do it once.
 *
 * It waits for the `percentile` of the last attempts' latencies, rounded up by at most 26 %: it
 * remembers 5 to 10 ÷ (1 − percentile) of them, 100 to 200 for 0.95. Until it knows `samplesMin` nothing
 * is hedged; a client with few calls never hedges. Why not one of the estimators that need only two
 * numbers: docs/decisions/0014.
 *
 * Errors: a RangeError when `percentile` is not between 0 and 1, `hedgesMax` or `samplesMin` is not an
 * integer ≥ 1, or `delayMinMs` is not a finite number > 0. An Error around a policy that is hedged already.
 *
 * ```ts
 * import { budgeted, fullJitter, hedged } from "stormproof/policies";
 *
 * const policy = budgeted(hedged(fullJitter(), { percentile: 0.99 }), { ratio: 0.05 });
 * policy.name; // => "budgeted(hedged(full-jitter))"
 * ```
 *
 * Waits in ms of `hedged(fullJitter({ attemptsMax: 11 }))`, seed 1, each attempt `timeout`:
 *
 * | attempt | 1 | 2 | 3 | 4 | 5 | 6 | 7 | 8 | 9 | 10 |
 * | --- | --- | --- | --- | --- | --- | --- | --- | --- | --- | --- |
 * | wait | 24 | 152 | 282 | 263 | 1021 | 347 | 3395 | 4397 | 9185 | 19954 |
 */
import type { Decision, Hedge, NumericState, Policy, Random, Send, Stop } from "../src/policy.ts";
import { Latencies } from "./latencies.ts";
import { expect, expectAbove0, expectKnown } from "./options.ts";
import { wrap } from "./wrapping.ts";

export interface HedgedOptions {
  /** The share of attempts that are left alone, by their latency. @default 0.95 */
  readonly percentile?: number | undefined;
  /** Attempts beside one that is slow. @default 1 */
  readonly hedgesMax?: number | undefined;
  /** No hedge goes out sooner. @default 1 */
  readonly delayMinMs?: number | undefined;
  /** Attempts to have seen before the first hedge. @default 1 ÷ (1 − percentile), 20 for 0.95 */
  readonly samplesMin?: number | undefined;
}

const OPTIONS = ["percentile", "hedgesMax", "delayMinMs", "samplesMin"] as const;

/** The state's cell, for whoever shows after how long a client hedges; 0: not at all. */
export const HEDGE_DELAY_MS = "hedged.delayMs";

export function hedged(inner: Policy, options: HedgedOptions = {}): Policy {
  const { percentile, hedgesMax, delayMinMs, samplesMin } = checked(options);
  const latencies = new Latencies("hedged", Math.max(10 / (1 - percentile), 2 * samplesMin));

  function learn(state: NumericState, latencyMs: number): void {
    latencies.add(state, latencyMs);
    if (latencies.count(state) < samplesMin) return;
    const delayMs = latencies.quantileMs(state, percentile);
    state[HEDGE_DELAY_MS] = delayMs === Infinity ? 0 : Math.max(delayMs, delayMinMs);
  }

  function withHedge(state: NumericState, decision: Send): Send {
    const hedgeAfterMs = state[HEDGE_DELAY_MS];
    return hedgeAfterMs > 0 ? { ...decision, hedgeAfterMs } : decision;
  }

  function decideHedge(state: NumericState, event: Hedge, random: Random): Decision {
    const delayMs = state[HEDGE_DELAY_MS];
    if (delayMs === 0 || event.hedges >= hedgesMax) return NO_HEDGE;
    // Others have taken longer since it was sent.
    if (event.waitedMs < delayMs) return { do: "wait", delayMs: delayMs - event.waitedMs };
    const decision = inner.decide(state, event, random);
    if (decision.do !== "send") return decision;
    if (event.hedges === 0) learn(state, Infinity);
    return event.hedges + 1 < hedgesMax ? withHedge(state, decision) : decision;
  }

  return wrap(inner, {
    name: "hedged",
    own: { [HEDGE_DELAY_MS]: 0, ...latencies.own },
    hedges: true,
    decide(state, event, random) {
      if (event.kind === "hedge") return decideHedge(state, event, random);
      const decision = inner.decide(state, event, random);
      if (event.kind !== "failure") {
        return decision.do === "send" ? withHedge(state, decision) : decision;
      }
      if (event.outcome.kind === "timeout" && event.hedges === 0) learn(state, Infinity);
      return decision;
    },
    observe(state, event) {
      // One that was hedged was known to be slow when it was.
      if (event.kind === "success" && event.hedges === 0) learn(state, event.latencyMs);
      inner.observe?.(state, event);
    },
  });
}

function checked(options: HedgedOptions): Required<HedgedOptions> {
  expectKnown(options, OPTIONS);
  const { percentile = 0.95, hedgesMax = 1, delayMinMs = 1 } = options;
  const isShare = typeof percentile === "number" && percentile > 0 && percentile < 1;
  expect("percentile", percentile, "between 0 and 1", isShare);
  const { samplesMin = Math.round(1 / (1 - percentile)) } = options;
  expectCount("hedgesMax", hedgesMax);
  expectCount("samplesMin", samplesMin);
  expectAbove0("delayMinMs", delayMinMs);
  return { percentile, hedgesMax, delayMinMs, samplesMin };
}

function expectCount(name: string, value: number): void {
  expect(name, value, "an integer ≥ 1", Number.isInteger(value) && value >= 1);
}

const NO_HEDGE: Stop = Object.freeze({ do: "stop", why: "attempts" });
