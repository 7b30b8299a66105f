import { afterEach, describe, expect, test, vi } from "vitest";
import { exponential, vetted } from "../../policies/index.ts";
import { createFetch } from "../../src/fetch/index.ts";
import { createRetry, retry } from "../../src/index.ts";
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

describe("the mode", () => {
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
