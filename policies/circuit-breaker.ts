/**
 * Stops sending to a server that mostly fails, first attempts included, and asks it again with one
 * attempt at a time (Nygard, "Release It!", 2007, "Circuit Breaker"). Closed, it counts the attempts that
 * ended within `windowMs`. When there were `attemptsMin` and a share of `failureRatio` failed, it opens:
 * calls and waiting retries stop with "breaker". After `openMs`, and a draw above it so that a fleet does
 * not come back in step, one attempt may leave. Its answer closes the breaker, its failure opens it anew.
 *
 * A budget refuses retries, this refuses calls too. That takes all load but one attempt every `openMs`
 * off a server that is down; and it loses the calls that would have been answered. A server of which a
 * part fails is a failing server to it: a breaker makes a partial outage a full one
 * (https://brooker.co.za/blog/2022/02/16/circuit-breakers.html), around three attempts a call from a
 * quarter of the calls on, for those fail three times each. So have a breaker for each part that fails
 * alone, or none. And a client with fewer than `attemptsMin` attempts a window has no breaker at all, so
 * it does nothing for large fleets of rare callers.
 *
 * - Rejections, timeouts and broken connections are failures. A 4xx that is not worth a retry is an
 *   answer. A final 5xx or an error without a status counts as neither.
 * - An attempt that asks and tells nothing, because its caller left or its end counts as neither, gives its
 *   place back at once: the next one may leave. Of one whose end is never told the breaker waits for
 *   `openMs`, as in Polly 7. So one that takes longer may have another beside it.
 * - How attempts end that were sent before it opened changes nothing.
 * - A failure whose next attempt would come before the breaker lets one pass stops at once.
 * - A clock that jumps back by more than it is ever open ends the waiting, it never prolongs it.
 *
 * The defaults are Hystrix's, half of 20 attempts in 10 s, then 5 s
 * (https://github.com/Netflix/Hystrix/wiki/Configuration). Polly 8 opens at a tenth of 100 in 30 s, for
 * 5 s; resilience4j at half of the last 100, for 60 s; opossum 10.0.0 at the first failure, for 30 s. What
 * they are worth in the bench: docs/decisions/0015.
 *
 * Errors: a RangeError when `failureRatio` is not above 0 and at most 1, `attemptsMin` is not an integer
 * ≥ 1, `windowMs` or `openMs` is not a finite number > 0, or `jitterRatio` is not a finite number ≥ 0. An
 * Error around a policy that has a breaker already.
 *
 * ```ts
 * import { circuitBreaker, fullJitter } from "stormproof/policies";
 *
 * const policy = circuitBreaker(fullJitter(), { failureRatio: 0.8, openMs: 10_000 });
 * policy.name; // => "circuit-breaker(full-jitter)"
 * ```
 *
 * Waits in ms of `circuitBreaker(fullJitter({ attemptsMax: 11 }), { attemptsMin: 6 })`,
 * seed 1, each attempt `timeout`:
 *
 * | attempt | 1 | 2 | 3 | 4 | 5 | 6 | 7 | 8 | 9 | 10 |
 * | --- | --- | --- | --- | --- | --- | --- | --- | --- | --- | --- |
 * | wait | 24 | 152 | 282 | 263 | 1021 | breaker | | | | |
 */
import type { Failure, NumericState, Outcome, Policy, Random, Stop } from "../src/policy.ts";
import { expect, expectAbove0, expectAtLeast, expectKnown } from "./options.ts";
import { SlidingWindow } from "./sliding-window.ts";
import { isSendDue, wrap } from "./wrapping.ts";

export interface CircuitBreakerOptions {
  /** It opens when so large a share of the attempts failed. @default 0.5 */
  readonly failureRatio?: number | undefined;
  /** It never opens on fewer attempts; an integer ≥ 1. @default 20 */
  readonly attemptsMin?: number | undefined;
  /** Over how long it counts. @default 10000 */
  readonly windowMs?: number | undefined;
  /** How long nothing is sent, at least. @default 5000 */
  readonly openMs?: number | undefined;
  /** The widest draw above `openMs`, relative to it. @default 0.5 */
  readonly jitterRatio?: number | undefined;
}

const OPTIONS = ["failureRatio", "attemptsMin", "windowMs", "openMs", "jitterRatio"] as const;

/** Until then nothing is sent. */
const SHUT_UNTIL_MS = "circuitBreaker.shutUntilMs";
/** What was sent from then on was sent to ask. */
const ASKS_FROM_MS = "circuitBreaker.asksFromMs";

type End = Pick<Failure, "nowMs" | "latencyMs" | "hedges">;

/** Finite: −Infinity is null in JSON. */
const CLOSED_MS = -Number.MAX_SAFE_INTEGER;

export function circuitBreaker(inner: Policy, options: CircuitBreakerOptions = {}): Policy {
  const { failureRatio, attemptsMin, windowMs, openMs, jitterRatio } = checked(options);
  const openLongestMs = openMs * (1 + jitterRatio);
  const window = new SlidingWindow("circuitBreaker", windowMs);

  function isShut(state: NumericState, nowMs: number): boolean {
    const leftMs = state[SHUT_UNTIL_MS] - nowMs;
    return leftMs > 0 && leftMs <= openLongestMs;
  }

  function answered(state: NumericState, { nowMs, latencyMs }: End): void {
    if (state[SHUT_UNTIL_MS] === CLOSED_MS) window.add(state, nowMs, true);
    else if (nowMs - latencyMs >= state[ASKS_FROM_MS]) {
      state[SHUT_UNTIL_MS] = CLOSED_MS;
      window.clear(state);
    }
  }

  function failed(state: NumericState, { nowMs, latencyMs, hedges }: End, random: Random): void {
    if (state[SHUT_UNTIL_MS] === CLOSED_MS) {
      window.add(state, nowMs, false, 1 + hedges);
      const attempts = window.all(state, nowMs);
      if (attempts < attemptsMin) return;
      if (attempts - window.good(state, nowMs) < failureRatio * attempts) return;
    } else if (nowMs - latencyMs < state[ASKS_FROM_MS]) return;
    state[SHUT_UNTIL_MS] = nowMs + openMs * (1 + jitterRatio * random());
    // Anywhere between now and the end of `openMs`: nothing is sent.
    state[ASKS_FROM_MS] = nowMs + openMs / 2;
  }

  /** An attempt leaves to ask. */
  function ask(state: NumericState, nowMs: number): void {
    state[SHUT_UNTIL_MS] = nowMs + openMs;
    // Less only if the clock went back.
    state[ASKS_FROM_MS] = Math.min(state[ASKS_FROM_MS], nowMs - openMs / 2);
  }

  /** An attempt has ended and told nothing of the server: if it is the last that left to ask, another may. */
  function endedUntold(state: NumericState, nowMs: number, sentMs: number): void {
    if (state[SHUT_UNTIL_MS] === CLOSED_MS || sentMs < state[ASKS_FROM_MS]) return;
    // Anywhere between when that one left and, longer ago than `openMs`, the one before.
    if (sentMs >= state[SHUT_UNTIL_MS] - 1.5 * openMs) state[SHUT_UNTIL_MS] = nowMs;
  }

  return wrap(inner, {
    name: "circuit-breaker",
    own: { ...window.own, [SHUT_UNTIL_MS]: CLOSED_MS, [ASKS_FROM_MS]: CLOSED_MS },
    decide(state, event, random) {
      const { nowMs } = event;
      if (event.kind === "failure") {
        const decision = inner.decide(state, event, random);
        if (event.outcome.kind !== "fatal") failed(state, event, random);
        else if (isAnswer(event.outcome)) answered(state, event);
        else endedUntold(state, nowMs, nowMs - event.latencyMs);
        const delayMs = decision.do === "wait" ? decision.delayMs : 0;
        return decision.do !== "stop" && isShut(state, nowMs + delayMs) ? BREAKER : decision;
      }
      if (!isSendDue(event)) return inner.decide(state, event, random);
      // Before the inner policy is asked: it must not note down a sending that will not happen.
      if (isShut(state, nowMs)) return BREAKER;
      const decision = inner.decide(state, event, random);
      if (decision.do === "send" && state[SHUT_UNTIL_MS] !== CLOSED_MS) ask(state, nowMs);
      return decision;
    },
    observe(state, event) {
      if (event.kind === "success") answered(state, event);
      else if (event.during === "attempt") {
        endedUntold(state, event.nowMs, event.nowMs - event.waitedMs);
      }
      inner.observe?.(state, event);
    },
  });
}

/** Whether the server works, though it will not do this. */
export function isAnswer({ status }: Extract<Outcome, { kind: "fatal" }>): boolean {
  return status !== undefined && status < 500;
}

function checked(options: CircuitBreakerOptions): Required<CircuitBreakerOptions> {
  expectKnown(options, OPTIONS);
  const { failureRatio = 0.5, attemptsMin = 20, windowMs = 10_000 } = options;
  const { openMs = 5_000, jitterRatio = 0.5 } = options;
  expect(
    "failureRatio",
    failureRatio,
    "a number above 0 and at most 1",
    failureRatio > 0 && failureRatio <= 1,
  );
  expect(
    "attemptsMin",
    attemptsMin,
    "an integer ≥ 1",
    Number.isInteger(attemptsMin) && attemptsMin >= 1,
  );
  expectAbove0("windowMs", windowMs);
  expectAbove0("openMs", openMs);
  expectAtLeast("jitterRatio", jitterRatio, 0);
  return { failureRatio, attemptsMin, windowMs, openMs, jitterRatio };
}

const BREAKER: Stop = Object.freeze({ do: "stop", why: "breaker" });
