import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import { exponential, fixed, vetted } from "../../policies/index.ts";
import { createFetch } from "../../src/fetch/index.ts";
import { createRetry, type Retry, retry } from "../../src/index.ts";
import type { NumericState, Policy, Question, Random } from "../../src/policy.ts";
import { hedging } from "../../src/retry/hedging.ts";
import { testMode } from "../../src/testing/index.ts";
import { busy, silent } from "../retry/client.ts";

let mode: ReturnType<typeof testMode> | undefined;
const start = (options?: Parameters<typeof testMode>[0]) => {
  mode = testMode(options);
  return mode;
};

afterEach(() => {
  mode?.end();
  mode = undefined;
  vi.useRealTimers();
});

const HOURS = exponential({ delayBaseMs: 3_600_000, delayMaxMs: 86_400_000, attemptsMax: 6 });

describe("in test mode", () => {
  test("hours of waits are over at once, in the order in which they would end", async () => {
    const client = createRetry({ policy: HOURS });
    start();
    const order: string[] = [];
    const failing = (name: string, times: number) =>
      client(({ attempt }) => {
        order.push(`${name}${attempt}`);
        if (attempt <= times) busy();
      });
    await Promise.all([failing("a", 2), failing("b", 1)]);
    // The second wait of `a` is twice as long as the first of `b`.
    expect(order).toEqual(["a1", "b1", "a2", "b2", "a3"]);
  });

  test("time goes by for the policy and the deadline", async () => {
    const client = createRetry({ policy: HOURS });
    start();
    const call = client(busy, { deadlineMs: 4 * 3_600_000 });
    await expect(call).rejects.toMatchObject({ why: "deadline", attempts: 3 });
  });

  test("no call makes more attempts than it may, whatever its policy says", async () => {
    const endless = createRetry({ policy: exponential({ attemptsMax: Infinity }) });
    start();
    await expect(endless(busy)).rejects.toMatchObject({ why: "attempts", attempts: 10 });
    mode?.end();
    start({ attemptsMax: 1 });
    await expect(endless(busy)).rejects.toMatchObject({ why: "attempts", attempts: 1 });
  });

  test("chance is the seed's", async () => {
    const waits = async (seed: number) => {
      const { lines, end } = await run(seed);
      end();
      return lines;
    };
    const run = async (seed: number) => {
      const on = testMode({ seed });
      await retry(busy).catch(() => {});
      return { lines: on.lines, end: () => on.end() };
    };
    const [first, again, other] = [await waits(7), await waits(7), await waits(8)];
    expect(first).toEqual(again);
    expect(first).not.toEqual(other);
    expect(first).toHaveLength(6);
  });

  test("decisions are recorded, as facts and as sentences", async () => {
    const on = start();
    const client = createRetry({ policy: HOURS });
    await client(({ attempt }) => (attempt === 1 ? busy() : "fine"));
    expect(on.decisions[1]).toEqual({
      policy: "exponential",
      client: 0,
      call: 1,
      attempt: 1,
      on: "failure",
      outcome: { kind: "rejected", status: 503 },
      decision: { do: "wait", delayMs: 3_600_000 },
    });
    expect(on.lines).toEqual([
      "call 1, start: send",
      "call 1, failure of attempt 1 (rejected 503): wait 3600000 ms",
      "call 1, wake of attempt 1: send",
    ]);
  });

  test("a client begins anew, and goes on as it was afterwards", async () => {
    const client = createRetry({ policy: vetted({ delayBaseMs: 0, tokensMax: 1 }) });
    await expect(client(busy)).rejects.toMatchObject({ why: "budget", attempts: 2 });
    start();
    await expect(client(busy)).rejects.toMatchObject({ why: "budget", attempts: 2 });
    mode?.end();
    await expect(client(busy)).rejects.toMatchObject({ why: "budget", attempts: 1 });
  });

  test("a retrying fetch has no waits either", async () => {
    let sent = 0;
    const fetch = createFetch({
      policy: HOURS,
      fetch: async () => new Response(null, { status: sent++ < 3 ? 503 : 200 }),
    });
    start();
    expect((await fetch("https://api.example.com/")).status).toBe(200);
    expect(sent).toBe(4);
  });

  test("the caller's abort ends a wait, and leaves nothing behind", async () => {
    const on = start();
    const controller = new AbortController();
    const client = createRetry({ policy: HOURS, onRetry: () => controller.abort("left") });
    await expect(client(busy, { signal: controller.signal })).rejects.toBe("left");
    expect(on.lines).toHaveLength(2);
  });

  test("it works with fake timers, which never move", async () => {
    vi.useFakeTimers();
    start();
    const client = createRetry({ policy: HOURS, timeoutMs: 1000 });
    await expect(client(busy)).rejects.toMatchObject({ attempts: 6 });
    expect(vi.getTimerCount()).toBe(0);
  });

  test("limits on attempts are as they were", async () => {
    vi.useFakeTimers();
    start({ attemptsMax: 2 });
    const client = createRetry({ policy: HOURS, timeoutMs: 1000 });
    const call = client(silent).catch((error) => error);
    await vi.advanceTimersByTimeAsync(1000);
    await vi.advanceTimersByTimeAsync(1000);
    expect(await call).toMatchObject({ attempts: 2, cause: { name: "TimeoutError" } });
  });
});

/** Real I/O, of fake timers. */
const takes = (ms: number) => new Promise<void>((resolve) => setTimeout(resolve, ms));

describe("in test mode, while an attempt is in flight", () => {
  const SLOW = fixed({ delayMs: 30_000, attemptsMax: 2 });

  beforeEach(() => {
    vi.useFakeTimers();
  });

  const twoOf = (client: Retry) =>
    Promise.all([
      client(async ({ attempt }) => {
        await takes(20);
        if (attempt === 1) busy();
        return "slow I/O";
      }).catch((error) => error),
      // Its wait is skipped while the other's first attempt is in flight.
      client(({ attempt }) => (attempt === 1 ? busy() : "at once")),
    ]);

  test("what another call waits takes nothing from the deadline", async () => {
    start();
    const calls = twoOf(createRetry({ policy: SLOW, deadlineMs: 31_000 }));
    await vi.advanceTimersByTimeAsync(40);
    expect(await calls).toEqual(["slow I/O", "at once"]);
  });

  test("nor does it count as time of the call, which its own waits are", async () => {
    start({ attemptsMax: 2 });
    const client = createRetry({ policy: exponential({ delayBaseMs: 1000 }) });
    const patient = client(async () => {
      await takes(20);
      busy();
    }).catch((error) => error);
    createRetry({ policy: SLOW })(busy).catch(() => {});
    await vi.advanceTimersByTimeAsync(40);
    expect((await patient).elapsedMs).toBeCloseTo(1040, 3);
  });

  test("the policy sees time that never goes back, and all else as the call does", async () => {
    const seen: { nowMs: number; leftMs: number; latencyMs: number }[] = [];
    const policy = {
      ...SLOW,
      decide(state: NumericState, event: Question, random: Random) {
        const { nowMs, deadlineMs = Number.NaN } = event;
        const latencyMs = event.kind === "failure" ? event.latencyMs : 0;
        seen.push({ nowMs, leftMs: Math.round(deadlineMs - nowMs), latencyMs });
        return SLOW.decide(state, event, random);
      },
    };
    start();
    const calls = twoOf(createRetry({ policy, deadlineMs: 31_000 }));
    await vi.advanceTimersByTimeAsync(40);
    await calls;
    const times = seen.map(({ nowMs }) => nowMs);
    expect(times).toEqual(times.toSorted((a, b) => a - b));
    expect(times.at(-1)).toBeCloseTo(times[0] + 60_020, 3);
    expect(seen.map(({ leftMs }) => leftMs)).toEqual([31_000, 31_000, 31_000, 1000, 30_980, 980]);
    expect(Math.max(...seen.map(({ latencyMs }) => latencyMs))).toBeCloseTo(20, 3);
  });

  const hedger: Policy = {
    name: "hedger",
    initial: {},
    hedges: true,
    decide: (_state, { kind }) =>
      kind === "failure" ? { do: "wait", delayMs: 1000 } : { do: "send", hedgeAfterMs: 50 },
  };

  test("no hedge goes out before its delay has really gone by", async () => {
    start();
    const attempts: number[] = [];
    const call = createRetry({ policy: hedger, hedging })(({ attempt }) => {
      attempts.push(attempt);
      return attempt === 1 ? busy() : takes(attempt === 2 ? 70 : 1);
    });
    await vi.advanceTimersByTimeAsync(49);
    expect(attempts).toEqual([1, 2]);
    await vi.advanceTimersByTimeAsync(2);
    await call;
    expect(attempts).toEqual([1, 2, 3]);
  });

  test("hedges are attempts too: there are no more than there may be", async () => {
    const on = start({ attemptsMax: 3 });
    let attempts = 0;
    const client = createRetry({ policy: hedger, hedging, deadlineMs: 1000 });
    const call = client(() => {
      attempts++;
      return silent();
    }).catch((error) => error);
    await vi.advanceTimersByTimeAsync(1000);
    expect(attempts).toBe(3);
    expect(await call).toMatchObject({ attempts: 3 });
    expect(on.lines).toContain("call 1, hedge of attempt 3: stop, attempts");
  });
});

test("decisions name their client", async () => {
  const on = start({ attemptsMax: 1 });
  const fetch = createFetch({ fetch: async () => new Response(null, { status: 503 }) });
  await fetch("https://a.example/");
  await fetch("https://b.example/");
  expect(on.decisions.map(({ client }) => client)).toEqual([0, 0, 1, 1]);
  expect(on.lines[0]).toBe("call 1, start: send");
  expect(on.lines[2]).toBe("client 1, call 1, start: send");
});

describe("the mode", () => {
  test("that has ended does not end the next one", () => {
    const old = start();
    old.end();
    start();
    old.end();
    expect(() => testMode()).toThrow("Expected test mode to be off");
  });

  test("can be on once only", () => {
    start();
    expect(() => testMode()).toThrow("Expected test mode to be off, but it is on. End it first");
  });

  test.each([
    [{ attemptsMax: 0 }, "Expected `attemptsMax` to be a whole number ≥ 1, got 0."],
    [{ seed: 0.5 }, "Expected `seed` to be a whole number ≥ 0, got 0.5."],
    [{ attempts: 3 }, "Expected only the options `attemptsMax`, `seed`, got `attempts`."],
  ])("refuses %o", (options, message) => {
    expect(() => testMode(options as never)).toThrow(new TypeError(message));
  });
});

describe("without the mode", () => {
  test("fake timers move waits as they move all others", async () => {
    vi.useFakeTimers();
    const client = createRetry({ policy: HOURS });
    const call = client(({ attempt }) => (attempt === 1 ? busy() : attempt));
    await vi.advanceTimersByTimeAsync(3_599_999);
    expect(vi.getTimerCount()).toBe(1);
    await vi.advanceTimersByTimeAsync(1);
    expect(await call).toBe(2);
  });
});
