import { once } from "node:events";
import { Readable } from "node:stream";
import got, { HTTPError } from "got";
import { describe, expect, test, vi } from "vitest";
import { vetted } from "../../policies/index.ts";
import { forGot, type HttpOptions, RetryStopped, stopOf } from "../../src/adapters/index.ts";
import { createRetry } from "../../src/index.ts";
import { answer, busy, fine, reset, SkippingClock, serve, silent } from "../fetch/server.ts";
import { listeners, waiting, watched } from "../retry/client.ts";
import { turn, VirtualClock } from "../virtual-clock.ts";

function retrying(options: HttpOptions = {}) {
  const clock = new SkippingClock();
  return { clock, client: got.extend(forGot({ policy: waiting(3), clock, ...options })) };
}

describe("got with a policy", () => {
  test("retries until it is answered, and tells the server which attempt it is", async () => {
    const { url, received } = await serve(busy, reset, fine);
    const { clock, client } = retrying();
    expect(await client(url).text()).toBe("fine");
    expect(clock.waitsMs).toEqual([100, 100]);
    expect(received.map(({ headers }) => headers["retry-attempt"])).toEqual(["1", "2", "3"]);
  });

  test("as often as the policy says, not got's `limit`", async () => {
    const { url, received } = await serve(busy);
    await retrying({ policy: waiting(7) })
      .client(url)
      .catch(() => {});
    expect(received).toHaveLength(7);
  });

  test("ends with got's own error, and the story with it", async () => {
    const { url, received } = await serve(busy);
    const error = await retrying()
      .client(url)
      .catch((error) => error);
    expect(error).toBeInstanceOf(HTTPError);
    expect(error.response.body).toBe("busy");
    expect(stopOf(error)).toMatchObject({ why: "attempts", attempts: 3, cause: error });
    expect(received).toHaveLength(3);
  });

  test("ends with got's own error when nobody answers", async () => {
    const { url, close } = await serve(fine);
    close();
    const error = await retrying()
      .client(url)
      .catch((error) => error);
    expect(error).toMatchObject({ name: "RequestError", code: "ECONNREFUSED" });
    expect(stopOf(error)).toMatchObject({ why: "attempts", attempts: 3 });
  });

  test("ends with the answer when it is not to throw", async () => {
    const { url, received } = await serve(busy);
    const response = await retrying().client(url, { throwHttpErrors: false });
    expect([response.statusCode, response.body]).toEqual([503, "busy"]);
    expect(received).toHaveLength(3);
  });

  test("honours Retry-After and RateLimit, and is never early", async () => {
    const { url } = await serve(
      answer(503, "", { "retry-after": "7" }),
      answer(429, "", { ratelimit: '"default";r=0;t=9' }),
      fine,
    );
    const policy = vetted({ jitterRatio: 0, delayBaseMs: 0, limitMs: 1e9 });
    const { clock, client } = retrying({ policy });
    await client(url);
    expect(clock.waitsMs).toEqual([7000, 9000]);
  });

  test.each([answer(508), answer(503, "", { "x-should-retry": "false" })])(
    "stops when the server says so: %#",
    async (stop) => {
      const { url, received } = await serve(stop, fine);
      const { client } = retrying();
      const error = await client(url).catch((error) => error);
      expect(stopOf(error)?.why).toBe("not-retryable");
      expect(received).toHaveLength(1);
    },
  );

  test("sends a POST once, unless it has a key, or is told", async () => {
    for (const [options, headers, attempts] of [
      [{}, {}, 1],
      [{}, { "Idempotency-Key": "mine" }, 2],
      [{ methods: ["post"] }, {}, 2],
    ] as const) {
      const { url, received } = await serve(busy, fine);
      await retrying(options)
        .client.post(url, { json: { pay: 5 }, headers })
        .catch(() => {});
      const bodies = await Promise.all(received.map(({ body }) => body));
      expect(bodies).toEqual(Array.from({ length: attempts }, () => '{"pay":5}'));
      const keys = received.map(({ headers }) => headers["idempotency-key"]);
      expect(new Set(keys).size).toBe(1);
      expect(keys[0] !== undefined).toBe(attempts === 2);
    }
  });

  test("got #1382: sends a stream once, and ends with the server's answer", async () => {
    for (const body of [
      () => Readable.from([Buffer.from("hello")]),
      async function* () {
        yield Buffer.from("hello");
      },
    ]) {
      const { url, received } = await serve(busy, fine);
      const { clock, client } = retrying();
      const error = await client.put(url, { body: body() }).catch((error) => error);
      expect(error).toBeInstanceOf(HTTPError);
      // Not "Cannot retry with consumed body stream", after a wait for it.
      expect(error.message).toContain("503");
      expect(clock.waitsMs).toEqual([]);
      expect(await Promise.all(received.map(({ body }) => body))).toEqual(["hello"]);
    }
  });

  test("is aborted at once in a wait", async () => {
    const { url, received } = await serve(busy);
    const clock = new VirtualClock();
    const controller = new AbortController();
    const { signal } = controller;
    const call = watched(retrying({ clock }).client(url, { signal }));
    while (clock.pending === 0) await turn();
    controller.abort();
    await turn();
    expect(call.error).toMatchObject({ name: "AbortError" });
    expect([clock.pending, listeners(signal), received.length]).toEqual([0, 0, 1]);
  });

  test("is aborted at once in an attempt, and the policy hears of it", async () => {
    const { url, request } = await serve(silent);
    const controller = new AbortController();
    const ends: string[] = [];
    const observer = { callEnded: ({ why }: { why: string }) => void ends.push(why) };
    const call = retrying({ observer })
      .client(url, { signal: controller.signal })
      .catch((error) => error);
    const { message } = await request(1);
    const hungUp = once(message.socket, "close");
    controller.abort();
    await hungUp;
    expect((await call).name).toBe("AbortError");
    expect(ends).toEqual(["abandoned"]);
  });

  test("shares one budget among all calls to an origin, which successes fill", async () => {
    const down = await serve(busy);
    const well = await serve(fine);
    const policy = vetted({ tokensMax: 5, tokensInitial: 5, limitMs: Infinity });
    const { client } = retrying({ policy, budgetOf: () => "all" });
    await Promise.allSettled(Array.from({ length: 50 }, (_, n) => client(`${down.url}${n}`)));
    expect(down.received).toHaveLength(55);
    for (let n = 0; n < 10; n++) await client(well.url);
    await client(down.url).catch(() => {});
    expect(down.received).toHaveLength(57);
  });

  test("has a budget for each origin", async () => {
    const [a, b] = await Promise.all([serve(busy), serve(busy)]);
    const { client } = retrying({ policy: vetted({ tokensMax: 1, limitMs: Infinity }) });
    for (const { url } of [a, a, b, b]) await client(url).catch(() => {});
    expect([a.received.length, b.received.length]).toEqual([3, 3]);
  });

  test("within an outer retry makes one attempt", async () => {
    const { url, received } = await serve(busy);
    const { client } = retrying();
    const retry = createRetry({ policy: waiting(3), clock: new SkippingClock() });
    const call = retry(() => client(url).text());
    await expect(call).rejects.toMatchObject({ why: "attempts", attempts: 3 });
    expect(received.map(({ headers }) => headers["retry-attempt"])).toEqual(["1", "2", "3"]);
  });

  test("is refused by the policy before anything is sent", async () => {
    const { url, received } = await serve(fine);
    const policy = { ...waiting(3), decide: () => ({ do: "stop", why: "breaker" }) as const };
    const error = await retrying({ policy })
      .client(url)
      .catch((error) => error);
    expect(error.cause).toBeInstanceOf(RetryStopped);
    expect(stopOf(error)?.why).toBe("breaker");
    expect(received).toHaveLength(0);
  });

  test("got's `timeout` limits each attempt, and counts as a timeout", async () => {
    const { url, received } = await serve(silent);
    const outcomes: string[] = [];
    const observer = {
      attemptEnded: ({ end }: { end: { kind: string } }) => void outcomes.push(end.kind),
    };
    const call = retrying({ observer }).client(url, { timeout: { request: 20 } });
    await expect(call).rejects.toMatchObject({ name: "TimeoutError" });
    expect(received).toHaveLength(3);
    expect(outcomes).toEqual(["timeout", "timeout", "timeout"]);
  });

  test("a deadline ends the call, in an attempt too", async () => {
    const { url, received } = await serve(silent);
    const { client } = retrying({ deadlineMs: 50 });
    const error = await client(url).catch((error) => error);
    expect(error).toMatchObject({ name: "TimeoutError" });
    expect(received).toHaveLength(1);
  });

  test("a redirect is part of the attempt", async () => {
    const { url, received } = await serve(
      answer(302, "", { location: "/b" }),
      busy,
      answer(302, "", { location: "/b" }),
      fine,
    );
    const { clock, client } = retrying();
    expect(await client(url).text()).toBe("fine");
    expect(received).toHaveLength(4);
    expect(clock.waitsMs).toEqual([100]);
  });

  test("what an `afterResponse` hook asks for is sent again, and no failure", async () => {
    const { url, received } = await serve(answer(401), fine);
    const { clock, client } = retrying();
    const signedIn = client.extend({
      hooks: {
        afterResponse: [
          (response, again) =>
            response.statusCode === 401 ? again({ headers: { authorization: "new" } }) : response,
        ],
      },
    });
    expect(await signedIn(url).text()).toBe("fine");
    expect(received[1].headers.authorization).toBe("new");
    expect(clock.waitsMs).toEqual([]);
  });

  test("an answer that cannot be read is no reason to ask again", async () => {
    const { url, received } = await serve(answer(200, "{"));
    await expect(retrying().client(url).json()).rejects.toThrow("JSON");
    expect(received).toHaveLength(1);
  });

  test("a stream is passed through", async () => {
    const { url, received } = await serve(busy);
    const callStarted = vi.fn();
    const stream = retrying({ observer: { callStarted } }).client.stream(url);
    await expect(stream.toArray()).rejects.toThrow("503");
    expect(callStarted).not.toHaveBeenCalled();
    expect(received).toHaveLength(1);
  });
});

test("what an `afterResponse` hook asks for after an answer is a call of its own", async () => {
  const { url, received } = await serve(answer(200, "stale"), busy, fine);
  const { client } = retrying({ methods: ["POST"], deadlineMs: 60_000 });
  const fresh = client.extend({
    hooks: {
      afterResponse: [
        (response, again) =>
          response.body === "stale" ? again({ headers: { "x-fresh": "1" } }) : response,
      ],
    },
  });
  expect(await fresh.post(url, { json: { pay: 5 } }).text()).toBe("fine");
  expect(received.map(({ headers }) => headers["retry-attempt"])).toEqual(["1", "1", "2"]);
  const [first, second, third] = received.map(({ headers }) => headers["idempotency-key"]);
  expect(second).toBe(third);
  expect(second).not.toBe(first);
});

test.each([busy, fine])("leaves nothing of its own in the options: %#", async (last) => {
  const { url } = await serve(last);
  const { client } = retrying({ methods: ["POST"], deadlineMs: 60_000 });
  const { request } = await client.post(url, { throwHttpErrors: false });
  expect(Object.keys(request.options.headers).join()).not.toMatch(/retry-|idempotency|timeout/);
  expect(request.options.timeout.request).toBeUndefined();
});

test("headers of a call that was given up do for another", async () => {
  const { url, received } = await serve(busy, busy, busy, busy, fine);
  const { client } = retrying();
  const error = await client(url).catch((error) => error);
  expect(await client(url, { headers: error.options.headers }).text()).toBe("fine");
  expect(received).toHaveLength(5);
});

test("sends what can be sent again, whole, a FormData too", async () => {
  const form = new FormData();
  form.set("name", "hello");
  for (const body of ["hello", Buffer.from("hello"), form]) {
    const { url, received } = await serve(busy, reset, fine);
    expect(await retrying().client.put(url, { body }).text()).toBe("fine");
    const bodies = await Promise.all(received.map(({ body }) => body));
    expect(bodies).toHaveLength(3);
    for (const sent of bodies) expect(sent).toContain("hello");
  }
});

test.each([
  [{ pay: 5 }, 1],
  [{ pay: 6 }, 2],
])("asked again by a hook to send %j, it has a key for each body", async (json, keys) => {
  const { url, received } = await serve(answer(422), busy, fine);
  const { client } = retrying({ methods: ["POST"] });
  const mending = client.extend({
    hooks: {
      afterResponse: [
        (response, again) => (response.statusCode === 422 ? again({ json }) : response),
      ],
    },
  });
  expect(await mending.post(url, { json: { pay: 5 } }).text()).toBe("fine");
  expect(await received[2].body).toBe(JSON.stringify(json));
  expect(new Set(received.map(({ headers }) => headers["idempotency-key"])).size).toBe(keys);
});
