/**
 * Defects of other libraries, each seen to happen in the version named, and each held against this one. A
 * test is named after who has the defect, and what it is.
 */
import { afterAll, describe, expect, test, vi } from "vitest";
import { exponential, fixed, retryAfter, vetted } from "../../policies/index.ts";
import { createFetch, type FetchOptions, okOrThrow, stopOf } from "../../src/fetch/index.ts";
import { createRetry, type RetryStopped } from "../../src/index.ts";
import { policyOf, waiting, watched } from "../retry/client.ts";
import { turn, VirtualClock } from "../virtual-clock.ts";
import { answer, busy, fine, reset, SkippingClock, serve, silent } from "./server.ts";

/** In New York a date read as local time is hours late. */
const zone = process.env.TZ;
process.env.TZ = "America/New_York";
afterAll(() => {
  if (zone === undefined) delete process.env.TZ;
  else process.env.TZ = zone;
});

const URL_THERE = "https://api.example.com/";

function skipping(options: FetchOptions = {}) {
  const clock = new SkippingClock();
  return { clock, fetch: createFetch({ policy: waiting(3), clock, ...options }) };
}

/** The wait after a rejection with these headers, by the default policy's part for hints and none of its own. */
async function waitAfter(headers: Record<string, string>): Promise<number | undefined> {
  const { url } = await serve(answer(503, "", headers), fine);
  const { clock, fetch } = skipping({
    policy: vetted({ jitterRatio: 0, delayBaseMs: 0, limitMs: 1e9 }),
  });
  await fetch(url);
  return clock.waitsMs[0];
}

describe("what is sent", () => {
  test.each([
    [
      "an async generator",
      async function* () {
        yield Buffer.from("hello");
      },
    ],
    ["a web stream", () => ReadableStream.from([Buffer.from("hello")])],
  ])(
    "undici 8.12.4 RetryAgent, anthropic-sdk-typescript #1170: a PUT of %s is sent again without its body, and succeeds",
    async (_what, body) => {
      const { url, received } = await serve(busy, fine);
      const response = await skipping().fetch(url, {
        method: "PUT",
        body: body() as never,
        duplex: "half",
      } as RequestInit);
      expect(response.status).toBe(503);
      expect(await Promise.all(received.map(({ body }) => body))).toEqual(["hello"]);
    },
  );

  test.each([
    ["a reset connection", reset],
    ["a 503", busy],
  ])(
    "axios-retry 4.5.0, fetch-retry 6.0.0, Azure 1.25.0, effect 4.1.0: a POST is sent again after %s",
    async (_what, failure) => {
      const { url, received } = await serve(failure);
      await skipping()
        .fetch(url, { method: "POST", body: "pay" })
        .catch(() => {});
      expect(received).toHaveLength(1);
    },
  );

  test("got #786: a POST is sent again after a timeout", async () => {
    const { url, received, request } = await serve(silent);
    const clock = new VirtualClock();
    const fetch = createFetch({ policy: waiting(3), clock, timeoutMs: 500 });
    const call = fetch(url, { method: "POST", body: "pay" }).catch((error) => error);
    await request(1);
    await clock.advance(500);
    expect(await call).toMatchObject({ name: "TimeoutError" });
    expect(received).toHaveLength(1);
  });

  test("fetch-retry 6.0.0: a predicate of one's own takes the limit of attempts away", async () => {
    const { url, received } = await serve(answer(404, "not there yet"));
    const response = await skipping({ shouldRetry: () => true }).fetch(url);
    expect([response.status, stopOf(response)?.why]).toEqual([404, "attempts"]);
    expect(received).toHaveLength(3);
  });

  test("svix #2401: each attempt has an Idempotency-Key of its own", async () => {
    const { url, received } = await serve(busy, reset, fine);
    await skipping({ methods: ["POST"] }).fetch(url, { method: "POST" });
    expect(new Set(received.map(({ headers }) => headers["idempotency-key"])).size).toBe(1);
  });

  test("cockatiel 4.0.0, es-toolkit: without options it tries without end and without a wait", async () => {
    const { url, received } = await serve(busy);
    const clock = new SkippingClock();
    await createFetch({ clock })(url);
    expect(received).toHaveLength(3);
    expect(clock.waitsMs).toHaveLength(2);
    expect(Math.min(...clock.waitsMs)).toBeGreaterThan(0);
  });

  test("async-retry 1.3.3: attempts without a limit are counted out beforehand, until memory is full", async () => {
    const { url, received } = await serve(busy);
    const { fetch } = skipping({
      policy: exponential({ attemptsMax: Infinity }),
      deadlineMs: 60_000,
    });
    const response = await fetch(url);
    expect(stopOf(response)?.why).toBe("deadline");
    expect(received.length).toBeLessThan(15);
  });

  test("fetch-retry 6.0.0: rejected bodies are never read, and hold their connections", async () => {
    const rejected: Response[] = [];
    const { fetch } = skipping({
      fetch: async () => {
        rejected.push(new Response("busy", { status: 503 }));
        return rejected[rejected.length - 1];
      },
    });
    await fetch(URL_THERE);
    expect(rejected.map(({ bodyUsed }) => bodyUsed)).toEqual([true, true, false]);
  });

  test("async-retry 1.3.3: the caller's options are written to", async () => {
    const options = Object.freeze({ policy: waiting(1), clock: new SkippingClock() });
    const headers = new Headers();
    const { url } = await serve(fine);
    await createFetch(options)(url, Object.freeze({ headers }));
    expect([...headers]).toEqual([]);
  });
});

describe("Retry-After", () => {
  const inSeconds = (seconds: number) => new Date(Date.now() + seconds * 1000);
  const asctime = (date: Date) => {
    const [name, day, month, year, time] = date.toUTCString().replace(",", "").split(" ");
    return `${name} ${month} ${day.replace(/^0/, " ")} ${time} ${year}`;
  };

  // No two of the eight agree on all of these: waits of -5,000 ms, of 1 ms and of 317 years were seen.
  test.each<[field: string, is: string, wait: (ms: number) => boolean]>([
    ["2", "honoured", (ms) => ms === 2000],
    ["59", "honoured", (ms) => ms === 59_000],
    ["0", "now", (ms) => ms === 0],
    ["-5", "no time", Number.isNaN],
    ["1.5", "no time", Number.isNaN],
    ["1e3", "no time", Number.isNaN],
    ["0x10", "no time", Number.isNaN],
    ["soon", "no time", Number.isNaN],
    ["", "no time", Number.isNaN],
    ["Sun, 06 Nov 1994 08:49:37 GMT", "now", (ms) => ms === 0],
    ["86400", "not worth waiting for", (ms) => ms === Infinity],
    ["9999999999", "not worth waiting for", (ms) => ms === Infinity],
    ["in 20 s, as a date", "honoured", (ms) => ms > 17_000 && ms <= 20_000],
    ["in 20 s, as asctime", "honoured", (ms) => ms > 17_000 && ms <= 20_000],
  ])(
    "axios-retry, retry-axios, ky, got, undici, Azure, effect and fetch-extras do not agree on %j: here it is %s",
    async (named, _is, holds) => {
      const field = named.endsWith("date")
        ? inSeconds(20).toUTCString()
        : named.endsWith("asctime")
          ? asctime(inSeconds(20))
          : named;
      const { url } = await serve(answer(503, "", { "retry-after": field }), fine);
      const asked: (number | undefined)[] = [];
      const own = 70;
      const { clock, fetch } = skipping({
        policy: retryAfter(fixed({ delayMs: own }), { jitterRatio: 0 }),
        observer: {
          attemptEnded: ({ end }) => end.kind === "rejected" && asked.push(end.retryAfterMs),
        },
      });
      const why = stopOf(await fetch(url))?.why;
      const [hintMs = Number.NaN] = asked;
      expect(holds(why === "retry-after" ? Infinity : hintMs)).toBe(true);
      expect(clock.waitsMs).toEqual(why === undefined ? [own + (hintMs || 0)] : []);
    },
  );

  test.each(["1.5", "1e3", "0x10", "soon", "-5", ""])(
    "axios-retry 4.5.0, undici 8.12.4, Azure 1.25.0: %j is taken for a number",
    async (field) => {
      expect(await waitAfter({ "retry-after": field })).toBeUndefined();
    },
  );

  test.each(["0", "Sun, 06 Nov 1994 08:49:37 GMT", "soon"])(
    "retry-axios 4.0.3: %j fails the request without a retry",
    async (field) => {
      const { url, received } = await serve(answer(503, "", { "retry-after": field }), fine);
      expect((await skipping().fetch(url)).status).toBe(200);
      expect(received).toHaveLength(2);
    },
  );

  test("undici 8.12.4: 59 s are cut to its own 30 s", async () => {
    expect(await waitAfter({ "retry-after": "59" })).toBe(59_000);
  });

  test("ky 2.1.0: a time above its limit is cut to the limit, which is early", async () => {
    const { url, received } = await serve(answer(503, "", { "retry-after": "61" }));
    const { clock, fetch } = skipping({ policy: vetted({ limitMs: Infinity }) });
    expect(stopOf(await fetch(url))?.why).toBe("retry-after");
    expect([received.length, clock.waitsMs.length]).toEqual([1, 0]);
  });

  test("axios-retry 4.5.0, Azure 1.25.0, async-retry 1.3.3: more than 2^31 ms fire at once", async () => {
    const { url, received } = await serve(answer(503, "", { "retry-after": "9999999999" }));
    const patient = vetted({ retryAfterMaxMs: 1e15, limitMs: Infinity });
    expect(stopOf(await skipping({ policy: patient }).fetch(url))?.why).toBe("wait-too-long");
    expect(received).toHaveLength(1);
  });

  test("undici #4084: a date is not understood", async () => {
    const waitMs = await waitAfter({ "retry-after": inSeconds(20).toUTCString() });
    expect(waitMs).toBeGreaterThan(17_000);
    expect(waitMs).toBeLessThanOrEqual(20_000);
  });

  test("axios-retry 4.5.0, Azure 1.25.0, fetch-extras 3.2.1: an asctime date is read as local time", async () => {
    const waitMs = await waitAfter({ "retry-after": asctime(inSeconds(20)) });
    expect(waitMs).toBeGreaterThan(17_000);
    expect(waitMs).toBeLessThanOrEqual(20_000);
  });

  test("grpc-js 1.14.7: a hint that is not a number makes the wait none, and the retries a hot loop", async () => {
    const { url } = await serve(answer(503, "", { "retry-after": "abc" }));
    const { clock, fetch } = skipping();
    await fetch(url);
    expect(clock.waitsMs).toEqual([100, 100]);
  });

  test("ky 2.1.0, axios-retry 4.5.0: all who were told the same time come at the same time", async () => {
    const { url } = await serve(answer(503, "", { "retry-after": "10" }));
    const waits = await Promise.all(
      Array.from({ length: 50 }, async () => {
        const { clock, fetch } = skipping({
          policy: vetted({ attemptsMax: 2, limitMs: Infinity }),
        });
        await fetch(url);
        return clock.waitsMs[0];
      }),
    );
    expect(Math.min(...waits)).toBeGreaterThanOrEqual(10_000);
    expect(new Set(waits).size).toBeGreaterThan(45);
    expect(Math.max(...waits) - Math.min(...waits)).toBeGreaterThan(2000);
  });

  test("ky 2.1.0, effect 4.1.0: only the rate limit fields of old are read", async () => {
    expect(await waitAfter({ ratelimit: '"default";r=0;t=9' })).toBe(9000);
    expect(await waitAfter({ "ratelimit-reset": "9" })).toBeUndefined();
  });
});

describe("the caller's abort", () => {
  const reason = new Error("the user left");

  test("fetch-retry 6.0.0, retry-axios 4.0.3, ofetch 1.5.1, cockatiel 4.0.0: in a wait it is heard when the wait is over, or after one more attempt", async () => {
    const { url, received } = await serve(busy);
    const clock = new VirtualClock();
    const fetch = createFetch({ policy: waiting(3), clock });
    const controller = new AbortController();
    const call = watched(fetch(url, { signal: controller.signal }));
    while (clock.pending === 0) await turn();
    controller.abort(reason);
    await turn();
    expect(call.error).toBe(reason);
    await clock.advance(1000);
    expect(received).toHaveLength(1);
  });

  test("p-retry 9.0.0, fetch-retry 6.0.0: an AbortError is taken for a failure, and retried", async () => {
    const aborted = new DOMException("This operation was aborted", "AbortError");
    const sent = vi.fn(() => Promise.reject(aborted));
    const error = await skipping({ fetch: sent })
      .fetch(URL_THERE)
      .catch((error) => error);
    expect(error).toBe(aborted);
    expect(sent).toHaveBeenCalledOnce();
  });

  test("smithy-typescript #2268: AbortSignal.timeout is retried, each time aborted already", async () => {
    const { url, received, request } = await serve(silent);
    const controller = new AbortController();
    const call = skipping().fetch(url, { signal: controller.signal });
    await request(1);
    const timeout = new DOMException("The operation was aborted due to timeout", "TimeoutError");
    controller.abort(timeout);
    await expect(call).rejects.toBe(timeout);
    expect(received).toHaveLength(1);
  });

  test("async-retry #69: after the call has ended it is retried in the background", async () => {
    const { url, received } = await serve(answer(404));
    const clock = new VirtualClock();
    await createFetch({ policy: waiting(3), clock })(url);
    await clock.advance(60_000);
    expect(received).toHaveLength(1);
    expect(clock.pending).toBe(0);
  });
});

describe("limits in time", () => {
  test("axios-retry 4.5.0: the timeout of an attempt is that of the whole call", async () => {
    const { url, request } = await serve(silent, silent, fine);
    const clock = new VirtualClock();
    const call = createFetch({ policy: waiting(3), clock, timeoutMs: 500 })(url);
    for (let attempt = 1; attempt < 3; attempt++) {
      await request(attempt);
      await clock.advance(600);
    }
    expect((await call).status).toBe(200);
  });

  test("p-retry 9.0.0 maxRetryTime: a deadline does not interrupt the attempt that outlives it", async () => {
    const { url, request } = await serve(silent);
    const clock = new VirtualClock();
    const call = watched(createFetch({ policy: waiting(3), clock, deadlineMs: 200 })(url));
    await request(1);
    await clock.advance(200);
    expect(call.error).toMatchObject({ name: "TimeoutError" });
  });

  test("ts-retry-promise 0.8.1: after the last failure it waits once more", async () => {
    const { url } = await serve(busy);
    const { clock, fetch } = skipping();
    await fetch(url);
    expect(clock.waitsMs).toEqual([100, 100]);
  });

  test("ky 2.1.0: a wait that passes the deadline is waited out, and then fails", async () => {
    const { url } = await serve(busy);
    const { clock, fetch } = skipping({ deadlineMs: 50 });
    expect((await fetch(url)).status).toBe(503);
    expect(clock.waitsMs).toEqual([]);
  });

  test("retry 0.13.1, exponential-backoff 3.1.3, cockatiel #86: the 2,000th wait is NaN, or past what a timer can", async () => {
    let failures = 0;
    const endless = exponential({ attemptsMax: Infinity });
    const { clock, fetch } = skipping({
      policy: endless,
      fetch: async () => new Response(null, { status: ++failures > 2000 ? 200 : 503 }),
    });
    await fetch(URL_THERE);
    expect(clock.waitsMs).toHaveLength(2000);
    expect(Math.max(...clock.waitsMs)).toBeLessThan(2 ** 31);
  });
});

describe("what is told of a failure", () => {
  test("async-retry 1.3.3: the error is the one seen most often, not the last", async () => {
    const errors = ["ECONNRESET", "ECONNRESET", "ECONNREFUSED"].map((code) =>
      Object.assign(new Error(code), { code }),
    );
    const left = [...errors];
    const fetch = skipping({ fetch: () => Promise.reject(left.shift()) }).fetch;
    const error = await fetch(URL_THERE).catch((error) => error);
    expect(error).toBe(errors[2]);
    expect((stopOf(error) as RetryStopped).causes).toEqual(errors);
  });

  test("exponential-backoff 3.1.3: whether to retry is asked again after the last attempt", async () => {
    const asked: number[] = [];
    const policy = policyOf(({ attempt }) => {
      asked.push(attempt);
      return attempt < 3 ? { do: "wait", delayMs: 0 } : { do: "stop", why: "attempts" };
    });
    const { url } = await serve(busy);
    await skipping({ policy }).fetch(url);
    expect(asked).toEqual([1, 2, 3]);
  });
});

describe("many calls", () => {
  test("p-retry 9.0.0 around got 16.1.0: 11 times 3 attempts are 33", async () => {
    const { url, received } = await serve(busy);
    const inner = skipping().fetch;
    await skipping({ policy: waiting(11), fetch: inner }).fetch(url);
    expect(received).toHaveLength(11);
  });

  test("ky 2.1.0 around fetch-retry 6.0.0 around undici 8.12.4: three layers of 3 attempts are 27", async () => {
    const { url, received } = await serve(busy);
    const inner = skipping().fetch;
    const middle = skipping({ fetch: inner }).fetch;
    const response = await skipping({ fetch: middle }).fetch(url);
    expect(response.status).toBe(503);
    expect(received).toHaveLength(3);
  });

  test("effect 4.1.0: a schedule within a schedule counts again from the beginning, 16 requests of 4", async () => {
    const { url, received } = await serve(busy, busy, busy, reset);
    const inner = skipping({ policy: waiting(4) }).fetch;
    const outer = createRetry({ policy: waiting(4), clock: new SkippingClock() });
    const call = outer(async ({ signal }) => okOrThrow(await inner(url, { signal })));
    await expect(call).rejects.toMatchObject({ why: "attempts", attempts: 4 });
    expect(received).toHaveLength(4);
  });

  test("aws-sdk-js-v3 #4754: one server that is down takes the retries of all the others", async () => {
    const down = await serve(busy);
    const blip = await serve(busy, fine);
    const { fetch } = skipping({ policy: vetted({ tokensMax: 2, limitMs: Infinity }) });
    for (let n = 0; n < 10; n++) await fetch(down.url);
    expect(down.received).toHaveLength(12);
    expect((await fetch(blip.url)).status).toBe(200);
  });

  test("every library without a budget: a server that is down gets three times the load", async () => {
    const { url, received } = await serve(busy);
    const fetch = createFetch({ clock: new SkippingClock() });
    for (let n = 0; n < 100; n++) await fetch(url);
    expect(received.length).toBeLessThanOrEqual(110);
  });
});
