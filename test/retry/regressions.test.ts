/**
 * Defects of other libraries, each seen to happen in the version named, and each held against the helper. A
 * test is named after who has the defect, and what it is. Those of fetch clients are in test/fetch.
 */
import { afterEach, describe, expect, test, vi } from "vitest";
import {
  budgeted,
  circuitBreaker,
  equalJitter,
  exponential,
  fullJitter,
  immediate,
  vetted,
} from "../../policies/index.ts";
import { systemClock, unrefClock } from "../../src/clock.ts";
import { createRetry, type RetryOptions, retry } from "../../src/index.ts";
import { KeyedRandom } from "../../src/random.ts";
import { SkippingClock, serve, silent as silentServer } from "../fetch/server.ts";
import { microtasks, turn, VirtualClock } from "../virtual-clock.ts";
import { busy, clientOf, listeners, policyOf, silent, waiting, watched } from "./client.ts";

afterEach(() => {
  vi.unstubAllGlobals();
  vi.restoreAllMocks();
  vi.useRealTimers();
});

const reason = new Error("the user left");
const reset = () => Object.assign(new Error("reset"), { code: "ECONNRESET" });

/** Fails so often, and counts. */
function failing(times = Infinity, fail: () => unknown = busy) {
  const seen = { attempts: 0, call: () => {} };
  seen.call = () => {
    seen.attempts++;
    if (seen.attempts <= times) throw fail();
  };
  return seen;
}

const asked = (retryAfterMs: number) =>
  Object.assign(new Error("busy"), { status: 503, retryAfterMs });

function skipping(options: RetryOptions = {}) {
  const clock = new SkippingClock();
  return { clock, retry: createRetry({ clock, ...options }) };
}

/** How a call ends that fails again and again, and the waits before that. */
async function ending(options: RetryOptions, fail: () => unknown = busy) {
  const { clock, retry } = skipping(options);
  const error = await retry(failing(Infinity, fail).call).catch((error) => error);
  return { error, waitsMs: clock.waitsMs };
}

/** The waits of so many clients that fail together, by retry. */
async function herd(options: RetryOptions, fail: () => unknown = busy): Promise<number[][]> {
  const keyed = new KeyedRandom(1, "policy");
  const random = (...key: [number, number, number, number]) => keyed.key(...key).next;
  const clients = Array.from({ length: 1000 }, (_, clientId) =>
    ending({ random, clientId, ...options }, fail),
  );
  const waits = (await Promise.all(clients)).map(({ waitsMs }) => waitsMs);
  return waits[0].map((_, retry) => waits.map((ofClient) => ofClient[retry]));
}

/** How many come in the busiest 10 ms. */
function busiest(timesMs: readonly number[]): number {
  const counts = new Map<number, number>();
  for (const atMs of timesMs) {
    const slot = Math.floor(atMs / 10);
    counts.set(slot, (counts.get(slot) ?? 0) + 1);
  }
  return Math.max(...counts.values());
}

describe("how long it waits", () => {
  test("p-retry 9.0.0, exponential-backoff 3.1.3, undici 8.12.4: without options all who failed together come back together", async () => {
    const waits = await herd({});
    expect(waits).toHaveLength(2);
    for (const ofRetry of waits) expect(busiest(ofRetry)).toBeLessThan(200);
  });

  test("p-retry 9.0.0, async-retry 1.3.3, cockatiel 4.0.0, ky 2.1.0: the chance comes before the cap, and at the cap all wait alike", async () => {
    const policy = fullJitter({ attemptsMax: 7, delayBaseMs: 500, delayMaxMs: 1000 });
    for (const ofRetry of await herd({ policy })) {
      expect(Math.max(...ofRetry)).toBeLessThanOrEqual(1000);
      expect(busiest(ofRetry)).toBeLessThan(60);
    }
  });

  test("ky #509: parallel calls that were told the same time come back in step", async () => {
    const [ofRetry] = await herd({}, () => asked(10_000));
    expect(Math.min(...ofRetry)).toBeGreaterThanOrEqual(10_000);
    expect(busiest(ofRetry)).toBeLessThan(30);
  });

  test("axios-retry 4.5.0, effect 4.1.0: a wait that doubles has no cap", async () => {
    const { waitsMs } = await ending({ policy: exponential({ attemptsMax: 50 }) });
    expect(waitsMs).toHaveLength(49);
    expect(Math.max(...waitsMs)).toBe(20_000);
  });

  test("ts-retry-promise 0.8.1: a wait of 100 ms is raised to its power: 100, 10,000, 1,000,000", async () => {
    const { waitsMs } = await ending({ policy: exponential({ attemptsMax: 4 }) });
    expect(waitsMs).toEqual([100, 200, 400]);
  });

  test("cockatiel 4.0.0: an option, `exponent`, means nothing", () => {
    const wrong = { exponent: 3 } as never;
    expect(() => fullJitter(wrong)).toThrow("got `exponent`");
    expect(() => createRetry(wrong)).toThrow("got `exponent`");
  });

  test("cockatiel #86: after 1,025 attempts the wait is NaN, and there is none", async () => {
    const policies = [exponential, fullJitter, equalJitter].map((make) =>
      make({ attemptsMax: 1200, delayBaseMs: 10 }),
    );
    for (const policy of policies) {
      const { waitsMs } = await ending({ policy, random: () => () => 0.5 });
      expect(waitsMs).toHaveLength(1199);
      expect(Math.min(...waitsMs.slice(20))).toBeGreaterThanOrEqual(10_000);
      expect(Math.max(...waitsMs)).toBeLessThanOrEqual(20_000);
    }
    const policy = exponential({ attemptsMax: 1200, delayBaseMs: 0 });
    expect((await ending({ policy })).error.attempts).toBe(1200);
  });

  test.each([2 ** 31, 2 ** 32, 3e9, 9_999_999_999_000])(
    "retry 0.13.1, exponential-backoff 3.1.3, axios-retry 4.5.0, bottleneck 2.19.5: a timer of %i ms fires at once",
    async (delayMs) => {
      const policy = policyOf(() => ({ do: "wait", delayMs }));
      const { error, waitsMs } = await ending({ policy });
      expect(error).toMatchObject({ why: "wait-too-long", attempts: 1 });
      expect(waitsMs).toEqual([]);
    },
  );

  test.each([Number.NaN, -1, Infinity])(
    "cockatiel 4.0.0, Azure 1.25.0: a wait of %d ms is handed to a timer",
    async (delayMs) => {
      const { error, waitsMs } = await ending({
        policy: policyOf(() => ({ do: "wait", delayMs })),
      });
      expect(error).toMatchObject({ name: "PolicyError" });
      expect(waitsMs).toEqual([]);
    },
  );

  test("ts-retry-promise 0.8.1: after the last failure it waits once more", async () => {
    const { error, waitsMs } = await ending({ policy: waiting(3) });
    expect(error.attempts).toBe(3);
    expect(waitsMs).toEqual([100, 100]);
  });

  test("AWS SDK v3: a call that is throttled changes how long others wait", async () => {
    const { clock, retry } = clientOf({ policy: exponential({ attemptsMax: 4 }) });
    const sentMs: number[] = [];
    watched(retry(failing(Infinity, () => asked(50)).call));
    const call = watched(
      retry(() => {
        sentMs.push(clock.nowMs());
        throw reset();
      }),
    );
    await clock.advance(1000);
    expect(call.state).toBe("rejected");
    expect(sentMs).toEqual([1000, 1100, 1300, 1700]);
  });
});

describe("what the server asks for", () => {
  test("AWS SDK v3, undici 8.12.4, ky #603: a longer time than its own limit is cut to the limit, which is early", async () => {
    const { error, waitsMs } = await ending({}, () => asked(3_600_000));
    expect(error).toMatchObject({ why: "retry-after", attempts: 1 });
    expect(waitsMs).toEqual([]);
  });

  test.each([Number.NaN, -5000, Infinity, "abc", ""])(
    "grpc-js 1.14.7, Azure 1.25.0: a hint of %j makes the retries a hot loop",
    async (hint) => {
      const { error, waitsMs } = await ending({ policy: vetted(), random: () => () => 0.5 }, () =>
        asked(hint as number),
      );
      expect(error.attempts).toBe(3);
      expect(waitsMs).toEqual([50, 100]);
    },
  );

  test("aws-sdk-net #4341: who was throttled draws a wait of nothing", async () => {
    const none = () => () => 0;
    expect((await ending({ random: none }, () => asked(2000))).waitsMs).toEqual([2000, 2000]);
    const floored = equalJitter({ delayBaseMs: 1000 });
    expect((await ending({ policy: floored, random: none })).waitsMs).toEqual([500, 1000]);
  });

  test("dotnet/extensions #7001: a retry leaves up to 11 ms before its time", async () => {
    vi.useFakeTimers({ toFake: ["setTimeout", "clearTimeout", "performance"] });
    const setTimer = globalThis.setTimeout;
    vi.stubGlobal("setTimeout", (fire: () => void, ms: number) =>
      setTimer(fire, Math.max(0, ms - 11)),
    );
    const fromMs = performance.now();
    const call = createRetry({ policy: vetted({ jitterRatio: 0, delayBaseMs: 0 }) })(
      ({ attempt }) => {
        if (attempt === 1) throw asked(2000);
        return performance.now() - fromMs;
      },
    );
    await vi.advanceTimersByTimeAsync(3000);
    expect(await call).toBeGreaterThanOrEqual(2000);
  });
});

describe("how often it tries", () => {
  test("cockatiel 4.0.0, es-toolkit, effect 4.1.0: without options it tries without end", async () => {
    const { error, waitsMs } = await ending({});
    expect(error).toMatchObject({ why: "attempts", attempts: 3 });
    expect(waitsMs).toHaveLength(2);
  });

  test("async-retry 1.3.3: attempts without a limit are counted out beforehand, until memory is full", async () => {
    const policy = fullJitter({ attemptsMax: Infinity });
    const { error } = await ending({ policy, deadlineMs: 60_000 });
    expect(error).toMatchObject({ why: "deadline" });
    expect(error.attempts).toBeLessThan(50);
  });

  test("retry, p-retry, cockatiel: `retries` and `maxAttempts` count without the first attempt", async () => {
    expect((await ending({ policy: fullJitter({ attemptsMax: 3 }) })).error.attempts).toBe(3);
    expect(() => createRetry({ retries: 3 } as never)).toThrow("got `retries`");
    expect(() => fullJitter({ maxAttempts: 3 } as never)).toThrow("got `maxAttempts`");
  });

  test("p-retry 9.0.0 shouldConsumeRetry, fetch-retry 6.0.0 retryOn: a predicate of one's own takes the limit away, or the wait", async () => {
    const { error, waitsMs } = await ending(
      { policy: waiting(3), shouldRetry: () => true },
      () => new Error("unknown"),
    );
    expect(error).toMatchObject({ why: "attempts", attempts: 3 });
    expect(waitsMs).toEqual([100, 100]);
  });

  test("p-retry #34, effect 4.1.0: a retry within a retry multiplies: 3 times 3 are 9", async () => {
    const inner = skipping({ policy: waiting(3) }).retry;
    const outer = skipping({ policy: waiting(3) }).retry;
    const seen = failing();
    const error = await outer(() => inner(seen.call)).catch((error) => error);
    expect(seen.attempts).toBe(3);
    expect(error).toMatchObject({ why: "not-retryable", attempts: 1 });
    expect(error.cause).toMatchObject({ why: "attempts", attempts: 3 });
  });

  test("every library without a budget: a server that is down gets three times the load", async () => {
    const { retry } = skipping();
    const seen = failing();
    for (let n = 0; n < 100; n++) await retry(seen.call).catch(() => {});
    expect(seen.attempts).toBeLessThanOrEqual(110);
  });

  test("envoy #30205: retries that wait are not counted, and all of them leave", async () => {
    const { clock, retry } = clientOf({
      policy: budgeted(waiting(3), { tokensMax: 10, tokensInitial: 10 }),
    });
    const seen = failing();
    const calls = Array.from({ length: 100 }, () => watched(retry(seen.call)));
    await clock.advance(1000);
    expect(seen.attempts).toBe(110);
    expect(calls.every(({ state }) => state === "rejected")).toBe(true);
  });

  test("Polly #2348, dotnet/extensions #7686: that the budget is used up cannot be told from a failure", async () => {
    const policy = budgeted(waiting(3), { tokensMax: 1 });
    expect((await ending({ policy })).error).toMatchObject({ why: "budget", attempts: 2 });
  });

  test("aws-sdk-js-v3 #4754: one jar that is empty stops the retries of everybody", async () => {
    const policy = budgeted(waiting(2), { tokensMax: 1 });
    const [down, well] = [skipping({ policy }).retry, skipping({ policy }).retry];
    for (let n = 0; n < 5; n++) await down(busy).catch(() => {});
    const seen = failing(1);
    await well(seen.call);
    expect(seen.attempts).toBe(2);
  });

  test("opossum 10.0.0: the breaker opens on the first failure", async () => {
    const { retry } = skipping({ policy: circuitBreaker(immediate({ attemptsMax: 1 })) });
    await retry(busy).catch(() => {});
    expect(await retry(() => "fine")).toBe("fine");
  });

  test("cockatiel 4.0.0 SamplingBreaker: failures of an hour ago open it", async () => {
    const one = immediate({ attemptsMax: 1 });
    const { clock, retry } = clientOf({ policy: circuitBreaker(one, { attemptsMin: 5 }) });
    for (let n = 0; n < 4; n++) watched(retry(busy));
    await clock.advance(3_600_000);
    watched(retry(busy));
    await clock.advance(0);
    expect(await retry(() => "fine")).toBe("fine");
  });

  test("the breaker of these two does open", async () => {
    const policy = circuitBreaker(immediate({ attemptsMax: 1 }), { attemptsMin: 5 });
    const { retry } = skipping({ policy });
    for (let n = 0; n < 5; n++) await retry(busy).catch(() => {});
    await expect(retry(() => "fine")).rejects.toMatchObject({ why: "breaker", attempts: 0 });
  });
});

describe("the caller's abort", () => {
  test("cockatiel 4.0.0, retry-axios 4.0.3, fetch-retry 6.0.0, ofetch 1.5.1: a wait is waited out, and one more attempt is made", async () => {
    const { clock, retry } = clientOf({ policy: waiting(3) });
    const controller = new AbortController();
    const seen = failing();
    const call = watched(retry(seen.call, { signal: controller.signal }));
    await clock.advance(50);
    controller.abort(reason);
    await microtasks();
    expect(call.error).toBe(reason);
    await clock.advance(1000);
    expect(seen.attempts).toBe(1);
    expect(clock.pending).toBe(0);
  });

  test("p-retry #97: from within an attempt it takes the whole wait to be heard", async () => {
    const { clock, retry } = clientOf({ policy: waiting(3) });
    const controller = new AbortController();
    const call = watched(
      retry(
        () => {
          controller.abort(reason);
          throw reset();
        },
        { signal: controller.signal },
      ),
    );
    await microtasks();
    expect(call.error).toBe(reason);
    expect(clock.pending).toBe(0);
  });

  test("a success after it is taken for one", async () => {
    const { retry } = clientOf({ policy: waiting(3) });
    const controller = new AbortController();
    const answer = Promise.withResolvers<string>();
    const call = watched(retry(() => answer.promise, { signal: controller.signal }));
    await microtasks();
    controller.abort(reason);
    answer.resolve("late");
    await turn();
    expect(call).toEqual({ state: "rejected", error: reason });
  });

  test("p-retry 9.0.0, fetch-retry 6.0.0: a DOMException AbortError is taken for a failure, and retried", async () => {
    const aborted = new DOMException("This operation was aborted", "AbortError");
    const { error } = await ending({}, () => aborted);
    expect(error).toMatchObject({ why: "not-retryable", attempts: 1, cause: aborted });
  });

  test("aws-sdk-js-v3 #4871, smithy-typescript #2268: what AbortSignal.timeout aborts is retried, each time aborted already", async () => {
    const { url, received, request } = await serve(silentServer);
    const controller = new AbortController();
    const { signal } = controller;
    const call = watched(
      skipping({ policy: waiting(3) }).retry((at) => fetch(url, { signal: at.signal }), { signal }),
    );
    await request(1);
    const timeout = new DOMException("The operation was aborted due to timeout", "TimeoutError");
    controller.abort(timeout);
    await turn();
    expect(call.error).toBe(timeout);
    expect(received).toHaveLength(1);
    expect(listeners(signal)).toBe(0);
  });

  test("async-retry #69: after the call has ended it is retried in the background", async () => {
    const { clock, retry } = clientOf({ policy: waiting(3) });
    const ends = [
      failing(Infinity, () => new Error("no use")),
      failing(Infinity, () => Object.assign(new Error("not found"), { status: 404 })),
    ];
    const calls = ends.map(({ call }) => watched(retry(call)));
    await clock.advance(0);
    expect(calls.map(({ state }) => state)).toEqual(["rejected", "rejected"]);
    expect(clock.pending).toBe(0);
    await clock.advance(60_000);
    expect(ends.map(({ attempts }) => attempts)).toEqual([1, 1]);
  });
});

describe("limits in time", () => {
  test("p-retry 9.0.0: maxRetryTime never interrupts an attempt", async () => {
    const { clock, retry } = clientOf({ policy: waiting(3), deadlineMs: 200 });
    const call = watched(retry(silent));
    await clock.advance(200);
    expect(call.error).toMatchObject({ why: "deadline", attempts: 1, elapsedMs: 200 });
    expect(clock.pending).toBe(0);
  });

  test("p-retry, cockatiel (cooperative): who ignores its signal has no timeout; on a real socket", async () => {
    const { url, request } = await serve(silentServer);
    const { clock, retry } = clientOf({ policy: waiting(2), timeoutMs: 500 });
    const call = watched(retry(() => fetch(url)));
    await request(1);
    await clock.advance(600);
    await request(2);
    await clock.advance(500);
    expect(call.error).toMatchObject({ attempts: 2, cause: { name: "TimeoutError" } });
  });

  test("axios-retry 4.5.0: the timeout of an attempt is that of the whole call", async () => {
    const { clock, retry } = clientOf({ policy: waiting(3), timeoutMs: 500 });
    const call = watched(retry(({ attempt }) => (attempt < 3 ? silent() : "fine")));
    await clock.advance(1200);
    expect(call.value).toBe("fine");
  });

  test("ky #784, got, undici: a limit covers single attempts only, and with retries there is none", async () => {
    const { clock, retry } = clientOf({ policy: waiting(100), timeoutMs: 500, deadlineMs: 1500 });
    const call = watched(retry(silent));
    await clock.advance(1500);
    expect(call.error).toMatchObject({ why: "deadline", elapsedMs: 1500 });
  });

  test("ky 2.1.0: a wait that passes the deadline is waited out, and then fails", async () => {
    const { error, waitsMs } = await ending({ policy: waiting(3), deadlineMs: 50 });
    expect(error).toMatchObject({ why: "deadline", attempts: 1, elapsedMs: 0 });
    expect(waitsMs).toEqual([]);
  });

  test("async-retry 1.3.3: maxRetryTime goes by the time of day, which can be set", async () => {
    vi.useFakeTimers();
    const { call } = failing(1);
    const ended = watched(createRetry({ policy: waiting(2), deadlineMs: 1000 })(call));
    await vi.advanceTimersByTimeAsync(50);
    vi.setSystemTime(Date.now() + 3_600_000);
    await vi.advanceTimersByTimeAsync(49);
    expect(ended.state).toBe("pending");
    await vi.advanceTimersByTimeAsync(2);
    expect(ended.state).toBe("resolved");
  });

  test("cockatiel 4.0.0, async-retry 1.3.3: unref is called in browsers, where timers are numbers", async () => {
    vi.stubGlobal("setTimeout", (fire: () => void) => {
      queueMicrotask(fire);
      return 5;
    });
    vi.spyOn(performance, "now").mockReturnValueOnce(0).mockReturnValue(1000);
    await unrefClock.sleep(10);
  });
});

describe("what is told of a failure", () => {
  test("async-retry 1.3.3: the error is the one seen most often, not the last", async () => {
    const errors = ["A", "A", "B"].map((message) => Object.assign(new Error(message), reset()));
    const left = [...errors];
    const { error } = await ending({ policy: waiting(3) }, () => left.shift());
    expect(error.cause).toBe(errors[2]);
    expect(error.causes).toEqual(errors);
  });

  test("p-retry 9.0.0: what is thrown and is no Error becomes a TypeError, and so is never retried", async () => {
    const { error } = await ending({ policy: waiting(3), shouldRetry: () => true }, () => "busy");
    expect(error).toMatchObject({ attempts: 3, causes: ["busy", "busy", "busy"] });
  });

  test("p-retry 9.0.0: a TypeError is never retried, whatever is said of it", async () => {
    const { error } = await ending(
      { policy: waiting(3), shouldRetry: () => true },
      () => new TypeError("not ready"),
    );
    expect(error.attempts).toBe(3);
  });

  test("exponential-backoff 3.1.3: the predicate's answer after the last attempt counts for nothing, nor does it here", async () => {
    const asked: number[] = [];
    const shouldRetry = (_error: unknown, { attempt }: { attempt: number }) => {
      asked.push(attempt);
      return true;
    };
    const { error } = await ending({ policy: waiting(2), shouldRetry });
    // Once for each failure, because the policy learns from every one of them.
    expect(asked).toEqual([1, 2]);
    expect(error.attempts).toBe(2);
  });
});

describe("what it leaves behind", () => {
  test("async-retry 1.3.3: the caller's options are written to", async () => {
    const clock = new SkippingClock();
    const options = Object.freeze({ policy: Object.freeze(waiting(2)), clock });
    const own = Object.freeze({ timeoutMs: 500, signal: new AbortController().signal });
    expect(await createRetry(options)(() => "fine", own)).toBe("fine");
    const { policy } = options;
    expect(await retry(() => "fine", Object.freeze({ policy }))).toBe("fine");
  });

  test("listeners are left on a signal that many calls share", async () => {
    const { signal } = new AbortController();
    const { retry } = skipping({ policy: waiting(2), timeoutMs: 500 });
    for (let n = 0; n < 50; n++) {
      await retry(failing(n % 3).call, { signal }).catch(() => {});
      expect(listeners(signal)).toBe(0);
    }
  });

  test("AbortSignal.timeout within an attempt: its timer outlives it", async () => {
    const clock = new VirtualClock();
    await createRetry({ clock, timeoutMs: 60_000 })(() => "fine");
    expect(clock.pending).toBe(0);
    const cancel = vi.spyOn(globalThis, "clearTimeout");
    await createRetry({ clock: systemClock, timeoutMs: 60_000 })(() => "fine");
    expect(cancel).toHaveBeenCalledOnce();
  });
});
