import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { Ask, Call, NO_FLAGS } from "../../src/ask.ts";
import { DELAY_MAX_MS } from "../../src/clock.ts";
import type { Abandon, Decision, Success } from "../../src/policy.ts";
import { asking, retrying, SEND, wait } from "./asking.ts";

const DEADLINE: Decision = { do: "stop", why: "deadline" };

describe("what a policy is told", () => {
  test("the facts of the call, at its start, failures and wakes", () => {
    const { seen, start, fail, wake } = asking(retrying(wait(40)), { startMs: 1_000 });
    start(9_000);
    fail(1_100);
    wake(1_140);
    fail(1_200);
    const outcome = { kind: "timeout" };
    const facts = { flags: NO_FLAGS, deadlineMs: 9_000 };
    expect(seen).toEqual([
      { ...facts, kind: "start", nowMs: 1_000 },
      {
        ...facts,
        kind: "failure",
        nowMs: 1_100,
        attempt: 1,
        elapsedMs: 100,
        latencyMs: 100,
        delayBeforeMs: 0,
        hedges: 0,
        outcome,
      },
      {
        ...facts,
        kind: "wake",
        nowMs: 1_140,
        attempt: 1,
        elapsedMs: 140,
        waitedMs: 40,
        remainingMs: 0,
        outcome,
      },
      {
        ...facts,
        kind: "failure",
        nowMs: 1_200,
        attempt: 2,
        elapsedMs: 200,
        latencyMs: 60,
        delayBeforeMs: 40,
        hedges: 0,
        outcome,
      },
    ]);
  });

  test("a wake before the first attempt: attempt 0 and no outcome", () => {
    const { seen, start, wake } = asking(({ kind }) => (kind === "start" ? wait(5) : SEND));
    expect(start()).toEqual(wait(5));
    expect(wake(5)).toEqual(SEND);
    expect(seen[1]).toMatchObject({ attempt: 0, waitedMs: 5, outcome: undefined });
  });

  test("nothing of the call that used the same record before", () => {
    const { seen, start, fail, wake } = asking(retrying(wait(40)));
    start(500);
    fail(100);
    wake(140);
    start();
    fail(10);
    expect(seen.at(-1)).toMatchObject({ attempt: 1, delayBeforeMs: 0, deadlineMs: undefined });
  });

  test("chance of its own for every decision", () => {
    const { keys, start, fail, wake } = asking(retrying(wait(40), wait(10)));
    start();
    fail(100);
    for (let nowMs = 140; nowMs < 200; nowMs += 10) wake(nowMs);
    expect(keys).toHaveLength(8);
    expect(new Set(keys).size).toBe(8);
    expect(keys.every((key) => key.startsWith("8 3 "))).toBe(true);
  });

  test("that the call was answered, or given up", () => {
    const seen: (Success | Abandon)[] = [];
    const policy = {
      name: "observer",
      initial: {},
      decide: (): Decision => SEND,
      observe: (_state: object, event: Success | Abandon) => void seen.push({ ...event }),
    };
    const ask = new Ask({ policy, random: () => () => 0, tickMs: 1 });
    const call = new Call();
    ask.start(call, {}, 10, NO_FLAGS);
    ask.success(call, {}, 35, NO_FLAGS);
    ask.start(call, {}, 50, NO_FLAGS);
    ask.abandon(call, {}, 60, NO_FLAGS, "attempt");
    expect(seen).toEqual([
      {
        kind: "success",
        nowMs: 35,
        flags: NO_FLAGS,
        attempt: 1,
        elapsedMs: 25,
        latencyMs: 25,
        hedges: 0,
      },
      { kind: "abandon", nowMs: 60, flags: NO_FLAGS, attempt: 1, during: "attempt", waitedMs: 10 },
    ]);
  });
});

describe("a wait", () => {
  test.each([
    [1, 10, 10],
    [1, 10.2, 11],
    [1, 0.000_1, 1],
    [1, 1e-9, 1],
    [0.001, 0.1 + 0.2, 0.3],
    [0.001, 0.000_1, 0.001],
    [0.001, 1e-12, 0.001],
    [1, Number.MIN_VALUE, 1],
  ])("in ticks of %d ms, %d ms are rounded up to %d ms", (tickMs, delayMs, roundedMs) => {
    const { start, fail } = asking(retrying(wait(delayMs)), { tickMs });
    start();
    expect(fail(100)).toEqual(wait(roundedMs));
  });

  test("of 0 ms asks again at once, and so does `send` after a failure", () => {
    for (const decision of [wait(0), SEND]) {
      const { seen, start, fail } = asking(retrying(decision));
      start();
      expect(fail(100)).toEqual(SEND);
      expect(seen.map(({ kind }) => kind)).toEqual(["start", "failure", "wake"]);
    }
  });

  test("of 0 ms without end does not stop time", () => {
    const { start, fail, wake } = asking(retrying(wait(0), wait(0)));
    start();
    expect(fail(100)).toEqual(wait(1));
    for (let nowMs = 101; nowMs < 110; nowMs++) expect(wake(nowMs)).toEqual(wait(1));
  });

  test("is not followed by another without end: a policy that only waits is named", () => {
    const { start, fail, wake } = asking(retrying(wait(1), wait(1)));
    start();
    fail(0);
    expect(() => {
      for (let nowMs = 1; nowMs <= 20_000; nowMs++) wake(nowMs);
    }).toThrow(/^Expected policy "\S+" to send or stop at a wake .* 10000 waits in a row\.$/);
  });

  test("is not shortened by a wake in the middle, but may be lengthened", () => {
    const answers = [SEND, wait(0), wait(20), wait(500)];
    const { seen, start, fail, wake } = asking(({ kind }) =>
      kind === "start" ? SEND : kind === "failure" ? wait(100) : (answers.shift() ?? SEND),
    );
    start();
    fail(0);
    expect(wake(10)).toEqual(wait(90));
    expect(seen.at(-1)).toMatchObject({ waitedMs: 10, remainingMs: 90 });
    expect(wake(30)).toEqual(wait(70));
    expect(wake(60)).toEqual(wait(40));
    expect(wake(90)).toEqual(wait(500));
    expect(wake(590)).toEqual(SEND);
  });

  test("may be cancelled by a wake in the middle", () => {
    const stop: Decision = { do: "stop", why: "flag" };
    const { start, fail, wake } = asking(retrying(wait(100), stop));
    start();
    fail(0);
    expect(wake(10)).toEqual(stop);
  });

  test("has ended when its time has come, in microseconds too", () => {
    // 0.1 + 0.2 is 0.30000000000000004: more than 0.3.
    fc.assert(
      fc.property(fc.nat(1e11), fc.integer({ min: 1, max: 1e10 }), (nowUs, delayUs) => {
        const asked = asking(retrying(wait(delayUs / 1_000)), { tickMs: 0.001 });
        asked.start();
        const { delayMs } = asked.fail(nowUs / 1_000) as { delayMs: number };
        expect(Math.round(delayMs * 1_000)).toBe(delayUs);
        expect(asked.wake((nowUs + delayUs - 1) / 1_000)).toMatchObject({ do: "wait" });
        expect(asked.wake((nowUs + delayUs) / 1_000)).toEqual(SEND);
        expect(asked.seen.at(-1)).toMatchObject({ remainingMs: 0 });
      }),
      { numRuns: 500, seed: 1 },
    );
  });

  test("longer than a timer can count is a stop", () => {
    for (const [delayMs, decision] of [
      [DELAY_MAX_MS, wait(DELAY_MAX_MS)],
      [DELAY_MAX_MS + 1, { do: "stop", why: "wait-too-long" }],
      [1e300, { do: "stop", why: "wait-too-long" }],
    ] as const) {
      const { start, fail } = asking(retrying(wait(delayMs)));
      start();
      expect(fail(0)).toEqual(decision);
    }
  });
});

describe("a deadline", () => {
  test("stops a wait that would reach it, at once", () => {
    const { start, fail } = asking(retrying(wait(100)));
    start(200);
    expect(fail(99)).toEqual(wait(100));
    expect(fail(100)).toEqual(DEADLINE);
  });

  test("stops a wait that only rounding makes reach it", () => {
    const { start, fail } = asking(retrying(wait(99.5)));
    start(200);
    expect(fail(100)).toEqual(DEADLINE);
  });

  test("stops an attempt at and after it", () => {
    for (const nowMs of [200, 201]) {
      const { start, fail, wake } = asking(retrying(wait(50)));
      start(200);
      fail(100);
      expect(wake(nowMs)).toEqual(DEADLINE);
    }
  });

  test("stops a call that begins too late", () => {
    expect(asking(retrying(SEND), { startMs: 200 }).start(200)).toEqual(DEADLINE);
  });

  test("is reached when its time has come, in microseconds too", () => {
    fc.assert(
      fc.property(fc.nat(1e11), fc.integer({ min: 1, max: 1e10 }), (startUs, limitUs) => {
        const options = { tickMs: 0.001, startMs: startUs / 1_000 };
        const asked = asking(retrying(wait(limitUs / 1_000)), options);
        asked.start(startUs / 1_000 + limitUs / 1_000);
        expect(asked.fail(startUs / 1_000)).toEqual(DEADLINE);
        expect(asked.wake((startUs + limitUs) / 1_000)).toEqual(DEADLINE);
      }),
      { numRuns: 500, seed: 1 },
    );
  });

  test("that the policy sets at the start can bring the caller's nearer, never move it away", () => {
    const limited = (deadlineMs: number) =>
      asking(({ kind }) => (kind === "start" ? { do: "send", deadlineMs } : wait(100)));
    for (const [policyMs, callerMs, inForce] of [
      [150, undefined, 150],
      [150, 300, 150],
      [400, 300, 300],
      [Infinity, 300, 300],
    ] as const) {
      const { call, start } = limited(policyMs);
      start(callerMs);
      expect(call.deadlineMs).toBe(inForce);
    }
  });
});

describe("a stop", () => {
  test("is passed on as it is", () => {
    const stop: Decision = { do: "stop", why: "budget" };
    expect(asking(() => stop).start()).toEqual(stop);
    const { start, fail } = asking(retrying(stop));
    start();
    expect(fail(10)).toEqual(stop);
  });

  test("follows every fatal failure, whatever the policy wants", () => {
    for (const decision of [SEND, wait(5), { do: "stop", why: "budget" } as const]) {
      const { seen, start, failFatally } = asking(retrying(decision));
      start();
      expect(failFatally(10)).toEqual({ do: "stop", why: "not-retryable" });
      expect(seen).toHaveLength(2);
    }
  });
});

test("calls, attempts, retries and session resets are counted", () => {
  const { ask, start, fail } = asking(retrying(SEND, { do: "send", resetSession: true }));
  start();
  fail(10);
  fail(20);
  start();
  expect(ask.counts).toEqual({ calls: 2, attempts: 4, retries: 2, hedges: 0, sessionResets: 2 });
});

describe("a hedge", () => {
  const HEDGING: Decision = { do: "send", hedgeAfterMs: 20 };
  const hedging = (onHedge: Decision = SEND) =>
    asking(({ kind }) => (kind === "hedge" ? onHedge : kind === "failure" ? wait(10) : HEDGING), {
      hedges: true,
    });

  test("is asked for when the policy said, in whole ticks", () => {
    const inTicks = (hedgeAfterMs: number) =>
      asking(() => ({ do: "send", hedgeAfterMs }), { hedges: true }).start();
    expect(inTicks(20)).toEqual(HEDGING);
    expect(inTicks(20.2)).toEqual({ do: "send", hedgeAfterMs: 21 });
    expect(inTicks(0)).toEqual({ do: "send", hedgeAfterMs: 1 });
    expect(inTicks(DELAY_MAX_MS + 1)).toEqual({ do: "send", hedgeAfterMs: undefined });
  });

  test("is decided with the facts of the call, and with chance of its own", () => {
    const { seen, keys, start, fail, wake, hedge } = hedging(wait(5));
    start(900);
    hedge(20);
    hedge(25);
    fail(100);
    wake(110);
    hedge(130);
    const facts = { kind: "hedge", flags: NO_FLAGS, deadlineMs: 900, hedges: 0 };
    expect(seen.filter(({ kind }) => kind === "hedge")).toEqual([
      { ...facts, nowMs: 20, attempt: 1, elapsedMs: 20, waitedMs: 20 },
      { ...facts, nowMs: 25, attempt: 1, elapsedMs: 25, waitedMs: 25 },
      { ...facts, nowMs: 130, attempt: 2, elapsedMs: 130, waitedMs: 20 },
    ]);
    expect(new Set(keys).size).toBe(keys.length);
  });

  test("is an attempt, and no retry; what follows its failure is one", () => {
    const { ask, call, seen, start, hedge, fail, wake } = hedging(HEDGING);
    start();
    expect(hedge(20)).toEqual(HEDGING);
    expect(hedge(40)).toEqual(HEDGING);
    expect(call).toMatchObject({ attempt: 3, hedges: 2 });
    fail(50);
    expect(seen.at(-1)).toMatchObject({ attempt: 3, hedges: 2, latencyMs: 10, delayBeforeMs: 0 });
    wake(60);
    expect(call).toMatchObject({ attempt: 4, hedges: 0 });
    expect(ask.counts).toMatchObject({ calls: 1, attempts: 4, hedges: 2, retries: 1 });
  });

  test("that is refused or put off changes nothing", () => {
    for (const decision of [wait(5), { do: "stop", why: "budget" } as const]) {
      const { ask, call, start, hedge } = hedging(decision);
      start();
      expect(hedge(20)).toEqual(decision);
      expect(call).toMatchObject({ attempt: 1, hedges: 0 });
      expect(ask.counts).toMatchObject({ attempts: 1, hedges: 0 });
    }
  });

  test("is not asked for at the deadline, nor put off beyond it", () => {
    const { seen, start, hedge } = hedging(wait(80));
    start(100);
    expect(hedge(20)).toEqual(DEADLINE);
    expect(seen).toHaveLength(2);
    expect(hedge(100)).toEqual(DEADLINE);
    expect(seen).toHaveLength(2);
  });

  test("comes from a policy that says that it hedges", () => {
    const { start } = asking(() => HEDGING);
    expect(start).toThrow(
      'Expected policy "asked" to have `hedges: true`, for it sends with `hedgeAfterMs`.',
    );
  });

  test("never resets the session", () => {
    const { start, hedge } = hedging({ do: "send", resetSession: true });
    start();
    expect(() => hedge(20)).toThrow(/to answer a hedge \(attempt 1\) with .* resetSession: true/);
  });

  test.each([-1, Number.NaN, Infinity, "5"])("after %s ms is no decision", (hedgeAfterMs) => {
    const { start } = asking(() => ({ do: "send", hedgeAfterMs }) as Decision, { hedges: true });
    expect(start).toThrow(/Expected policy "asked" to answer the start of a call/);
  });

  test("tells the latency of the attempt that was answered, the older one too", () => {
    const successes: (Success | Abandon)[] = [];
    const { ask, call, start, hedge } = asking(() => SEND, {
      hedges: true,
      observe: (_state, event) => void successes.push({ ...event }),
    });
    start();
    hedge(20);
    ask.success(call, {}, 50, NO_FLAGS);
    ask.success(call, {}, 50, NO_FLAGS, 0);
    expect(successes).toMatchObject([
      { attempt: 2, hedges: 1, elapsedMs: 50, latencyMs: 30 },
      { attempt: 2, hedges: 1, elapsedMs: 50, latencyMs: 50 },
    ]);
  });
});

test("nothing is told to have taken less than no time, wherever the clock jumps", () => {
  const anyMs = fc.double({ min: -1e15, max: 1e15, noNaN: true });
  fc.assert(
    fc.property(fc.array(anyMs, { minLength: 4, maxLength: 4 }), ([startMs, ...laterMs]) => {
      const told: object[] = [];
      const observe = (_: unknown, event: object) => void told.push({ ...event });
      const [failMs, wakeMs, endMs] = laterMs;
      const { ask, call, seen, start, fail, wake, hedge } = asking(
        ({ kind }) => (kind === "failure" ? wait(10) : SEND),
        { startMs, hedges: true, observe },
      );
      start();
      fail(failMs);
      wake(wakeMs);
      hedge(endMs);
      ask.success(call, {}, endMs - 1, NO_FLAGS);
      ask.abandon(call, {}, endMs - 2, NO_FLAGS, "attempt");
      for (const event of [...seen, ...told]) {
        for (const [fact, value] of Object.entries(event)) {
          if (/^(latency|elapsed|waited)Ms$/.test(fact)) expect(value).toBeGreaterThanOrEqual(0);
        }
      }
    }),
    { seed: 1 },
  );
});
