/**
 * Refuses calls before they are sent, by chance, when the server accepts too few: with the probability
 * max(0, (requests − K · accepts) ÷ (requests + 1)) over the last `windowMs`. Refusing costs the server
 * nothing, rejecting costs it time, and near its limit that is the time it needs for answers. With K = 2
 * the server gets about twice what it accepts, so that a client learns soon when it accepts more (Google,
 * "Site Reliability Engineering", 2016, chapter "Handling Overload",
 * https://sre.google/sre-book/handling-overload/, which has the formula, K and the two minutes).
 *
 * A budget bounds what retries add, this bounds what all attempts are, first ones too: in an overload it
 * brings a client's load down to K times what is accepted. For that it refuses calls that might have been
 * answered; and after an outage as long as the window it has next to nothing to learn from, so it
 * comes back slowly: after five minutes without answers nine tenths of the calls are answered again 8
 * minutes later at 10 calls a second, 16 at 1,000 (docs/decisions/0015). A shorter window forgets sooner.
 *
 * - A request counts when it ends, not when it is sent, or the ten calls with which a page begins would
 *   be ten requests of which none was accepted. A refused one counts at once, as in the book.
 * - Accepted is what is answered, and a 4xx that is not worth a retry. A rejection, a timeout and a broken
 *   connection are not. A final 5xx or an error without a status counts as neither.
 * - A retry is a request of its own, and may be refused when its wait ends. So is a hedge.
 * - Nothing is refused before `requestsMin` requests were counted. That is ours: by the formula alone, a
 *   client whose first attempt fails would refuse every second retry.
 *
 * Errors: a RangeError when `acceptsMultiplier` is not a finite number ≥ 1, `windowMs` not a finite number
 * > 0, or `requestsMin` not a finite number ≥ 0. An Error around a policy that is throttled already.
 *
 * ```ts
 * import { adaptiveThrottling, fullJitter } from "stormproof/policies";
 *
 * const policy = adaptiveThrottling(fullJitter(), { acceptsMultiplier: 1.5 });
 * policy.name; // => "adaptive-throttling(full-jitter)"
 * ```
 *
 * Waits in ms of `adaptiveThrottling(fullJitter({ attemptsMax: 11 }), { requestsMin: 4 })`,
 * seed 1, each attempt `timeout`:
 *
 * | attempt | 1 | 2 | 3 | 4 | 5 | 6 | 7 | 8 | 9 | 10 |
 * | --- | --- | --- | --- | --- | --- | --- | --- | --- | --- | --- |
 * | wait | 24 | 152 | 282 | throttle | | | | | | |
 */
import type { NumericState, Policy, Stop } from "../src/policy.ts";
import { isAnswer } from "./circuit-breaker.ts";
import { expectAbove0, expectAtLeast, expectKnown } from "./options.ts";
import { SlidingWindow } from "./sliding-window.ts";
import { isSendDue, wrap } from "./wrapping.ts";

export interface AdaptiveThrottlingOptions {
  /** The book's K: how many requests may be sent for each that is accepted. @default 2 */
  readonly acceptsMultiplier?: number | undefined;
  /** Over how long it counts. @default 120000 */
  readonly windowMs?: number | undefined;
  /** Nothing is refused on fewer. @default 10 */
  readonly requestsMin?: number | undefined;
}

const OPTIONS = ["acceptsMultiplier", "windowMs", "requestsMin"] as const;

export function adaptiveThrottling(inner: Policy, options: AdaptiveThrottlingOptions = {}): Policy {
  expectKnown(options, OPTIONS);
  const { acceptsMultiplier = 2, windowMs = 120_000, requestsMin = 10 } = options;
  expectAtLeast("acceptsMultiplier", acceptsMultiplier, 1);
  expectAbove0("windowMs", windowMs);
  expectAtLeast("requestsMin", requestsMin, 0);
  const window = new SlidingWindow("adaptiveThrottling", windowMs);

  /** At most 0: none. */
  function refusalShare(state: NumericState, nowMs: number): number {
    const requests = window.all(state, nowMs);
    if (requests < requestsMin) return 0;
    return (requests - acceptsMultiplier * window.good(state, nowMs)) / (requests + 1);
  }

  return wrap(inner, {
    name: "adaptive-throttling",
    own: window.own,
    decide(state, event, random) {
      const { nowMs } = event;
      if (event.kind === "failure") {
        const { outcome, hedges } = event;
        if (outcome.kind !== "fatal") window.add(state, nowMs, false, 1 + hedges);
        else if (isAnswer(outcome)) window.add(state, nowMs, true);
      } else if (isSendDue(event)) {
        const share = refusalShare(state, nowMs);
        if (share > 0 && random() < share) {
          window.add(state, nowMs, false);
          return THROTTLE;
        }
      }
      return inner.decide(state, event, random);
    },
    observe(state, event) {
      if (event.kind === "success") window.add(state, event.nowMs, true);
      inner.observe?.(state, event);
    },
  });
}

const THROTTLE: Stop = Object.freeze({ do: "stop", why: "throttle" });
