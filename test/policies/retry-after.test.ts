import fc from "fast-check";
import { describe, expect, test } from "vitest";
import {
  deadline,
  exponential,
  fixed,
  fullJitter,
  none,
  retryAfter,
} from "../../policies/index.ts";
import { NO_FLAGS } from "../../src/ask.ts";
import type { Decision, Outcome, Policy } from "../../src/policy.ts";
import { Client, REJECTED, rejectedFor, TIMEOUT } from "./drive.ts";

const long = { attemptsMax: Infinity };

const answer = (policy: Policy, outcome: Outcome, draw: () => number, attempt = 1): Decision =>
  policy.decide(
    { ...policy.initial },
    {
      kind: "failure",
      nowMs: 0,
      flags: NO_FLAGS,
      attempt,
      elapsedMs: 0,
      latencyMs: 0,
      delayBeforeMs: 0,
      hedges: 0,
      outcome,
    },
    draw,
  );

const waitMs = (...asked: Parameters<typeof answer>) => {
  const decision = answer(...asked);
  if (decision.do !== "wait") throw new Error(`Expected a wait, got ${decision.do}.`);
  return decision.delayMs;
};

describe("Retry-After", () => {
  test("is waited out, then what the inner policy waits, then a draw of half of both", () => {
    const policy = retryAfter(fixed({ delayMs: 100 }));
    expect(waitMs(policy, rejectedFor(2000), () => 0)).toBe(2100);
    expect(waitMs(policy, rejectedFor(2000), () => 0.5)).toBe(2100 + 0.25 * 2100);
  });

  test("without a hint the inner policy decides alone", () => {
    const policy = retryAfter(fixed({ delayMs: 100 }));
    expect(waitMs(policy, REJECTED, () => 0.5)).toBe(100);
    expect(waitMs(policy, TIMEOUT, () => 0.5)).toBe(100);
  });

  test("0 is a hint like any other", () => {
    expect(waitMs(retryAfter(fixed({ delayMs: 100 })), rejectedFor(0), () => 0.5)).toBe(125);
  });

  test("is never undercut", () => {
    const draw = fc.double({ min: 0, max: 1 - 2 ** -53, noNaN: true });
    const hint = fc.double({ min: 0, max: 60_000, noNaN: true });
    const policy = retryAfter(fullJitter(long));
    fc.assert(
      fc.property(hint, draw, fc.integer({ min: 1, max: 2000 }), (hintMs, u, attempt) => {
        const delayMs = waitMs(policy, rejectedFor(hintMs), () => u, attempt);
        expect(delayMs).toBeGreaterThanOrEqual(hintMs);
        expect(Number.isFinite(delayMs)).toBe(true);
      }),
    );
  });

  test("above retryAfterMaxMs stops the call with `retry-after`, and is not shortened", () => {
    const policy = retryAfter(fullJitter(), { retryAfterMaxMs: 30_000 });
    expect(answer(policy, rejectedFor(30_000), () => 0).do).toBe("wait");
    for (const hintMs of [30_001, 1e13, Infinity, NaN]) {
      const stopped = { do: "stop", why: "retry-after" };
      expect(answer(policy, rejectedFor(hintMs), () => 0)).toEqual(stopped);
    }
  });

  test("beyond the deadline stops the call, and is not shortened", () => {
    const call = new Client(deadline(retryAfter(fullJitter()), { limitMs: 5000 })).begin();
    expect(call.fail(rejectedFor(5000))).toEqual({ do: "stop", why: "deadline" });
  });

  test("does not retry what the inner policy would not", () => {
    expect(answer(retryAfter(none()), rejectedFor(10), () => 0)).toEqual({
      do: "stop",
      why: "attempts",
    });
  });

  test.each([
    ["fullJitter", fullJitter(long)],
    ["exponential, which has no jitter", exponential(long)],
  ])("a crowd told the same time is spread above it: %s", (_name, inner) => {
    for (const hintMs of [0, 1000, 10_000, 60_000]) {
      for (const attempt of [1, 2, 8])
        expect(crowding(retryAfter(inner), hintMs, attempt)).toBeLessThan(CROWDED);
    }
  });

  test("without the own jitter that crowd would stay a crowd", () => {
    expect(crowding(retryAfter(exponential(long), { jitterRatio: 0 }), 10_000, 1)).toBe(1);
    expect(crowding(retryAfter(exponential(long), { jitterRatio: 0.2 }), 0, 8)).toBeGreaterThan(
      CROWDED,
    );
  });
});

const CLIENTS = 10_000;
const CROWDED = 3 / 20 + 4 * Math.sqrt((0.15 * 0.85) / CLIENTS);

/** Law 4 above the hint: the largest share in a window of a twentieth of the longest wait. */
function crowding(policy: Policy, hintMs: number, attempt: number): number {
  const waits = Array.from({ length: CLIENTS }, (_, client) => {
    const call = new Client(policy, { seed: 3, client, tickMs: 0.001 }).begin();
    call.call.attempt = attempt;
    const decision = call.fail(rejectedFor(hintMs));
    return decision.do === "wait" ? decision.delayMs - hintMs : 0;
  }).toSorted((a, b) => a - b);
  const windowMs = waits[CLIENTS - 1] / 20;
  let most = 0;
  for (let first = 0, last = 0; last < CLIENTS; last++) {
    while (waits[last] - waits[first] > windowMs) first++;
    most = Math.max(most, last - first + 1);
  }
  return most / CLIENTS;
}
