/**
 * Gives every call a deadline: `limitMs` after it began it is over, waits and all attempts included.
 * A nearer deadline, from the caller or the inner policy, stays. Limits on single attempts add up; the
 * user waits for the sum. That a deadline covers all attempts is also the rule of gRPC
 * (https://github.com/grpc/proposal/blob/master/A6-client-retries.md).
 *
 * Errors: a RangeError when `limitMs` is not > 0. Infinity is no limit.
 *
 * ```ts
 * import { deadline, fullJitter } from "stormproof/policies";
 *
 * deadline(fullJitter(), { limitMs: 5000 }).name; // => "deadline(full-jitter)"
 * ```
 *
 * Waits in ms of `deadline(exponential({ attemptsMax: 11 }), { limitMs: 5000 })`,
 * seed 1, each attempt `timeout`:
 *
 * | attempt | 1 | 2 | 3 | 4 | 5 | 6 | 7 | 8 | 9 | 10 |
 * | --- | --- | --- | --- | --- | --- | --- | --- | --- | --- | --- |
 * | wait | 100 | 200 | 400 | 800 | 1600 | deadline | | | | |
 */
import type { Policy } from "../src/policy.ts";
import { expect, expectKnown } from "./options.ts";
import { wrap } from "./wrapping.ts";

export interface DeadlineOptions {
  /** From the beginning of the call. @default 10000 */
  readonly limitMs?: number | undefined;
}

export const DEADLINE_OPTIONS = ["limitMs"] as const;

export function deadline(inner: Policy, options: DeadlineOptions = {}): Policy {
  expectKnown(options, DEADLINE_OPTIONS);
  const { limitMs = 10_000 } = options;
  expect("limitMs", limitMs, "a number > 0", typeof limitMs === "number" && limitMs > 0);
  return wrap(inner, {
    name: "deadline",
    decide(state, event, random) {
      const decision = inner.decide(state, event, random);
      if (event.kind !== "start" || decision.do === "stop") return decision;
      const deadlineMs = Math.min(
        event.nowMs + limitMs,
        event.deadlineMs ?? Infinity,
        decision.deadlineMs ?? Infinity,
      );
      return { ...decision, deadlineMs };
    },
  });
}
