import { AsyncLocalStorage } from "node:async_hooks";
import { once } from "node:events";
import { Readable } from "node:stream";
import axios, { type AxiosRequestConfig } from "axios";
import { describe, expect, test, vi } from "vitest";
import { vetted } from "../../policies/index.ts";
import { forAxios, type HttpOptions, stopOf } from "../../src/adapters/index.ts";
import { createFetch } from "../../src/fetch/index.ts";
import { createRetry } from "../../src/index.ts";
import { answer, busy, fine, reset, SkippingClock, serve, silent } from "../fetch/server.ts";
import { listeners, waiting, watched } from "../retry/client.ts";
import { turn, VirtualClock } from "../virtual-clock.ts";

function retrying(options: HttpOptions = {}, name: "http" | "fetch" = "http") {
  const clock = new SkippingClock();
  const adapter = forAxios(axios.getAdapter(name), { policy: waiting(3), clock, ...options });
  return { clock, client: axios.create({ adapter }) };
}

describe.each(["http", "fetch"] as const)("axios with a policy, by its adapter %s,", (name) => {
  test("retries until it is answered, and tells the server which attempt it is", async () => {
    const { url, received } = await serve(busy, reset, fine);
    const { clock, client } = retrying({}, name);
    const { data } = await client.get(url, { headers: { "x-a": "b" } });
    expect(data).toBe("fine");
    expect(clock.waitsMs).toEqual([100, 100]);
    expect(received.map(({ headers }) => [headers["retry-attempt"], headers["x-a"]])).toEqual([
      ["1", "b"],
      ["2", "b"],
      ["3", "b"],
    ]);
  });

  test("ends with axios's own error, and the story with it", async () => {
    const { url, received } = await serve(
      answer(503, '{"why":"busy"}', { "content-type": "application/json" }),
    );
    const error = await retrying({}, name)
      .client.get(url)
      .catch((error) => error);
    expect(axios.isAxiosError(error)).toBe(true);
    expect(error.response.data).toEqual({ why: "busy" });
    expect(stopOf(error)).toMatchObject({ why: "attempts", attempts: 3, cause: error });
    expect(received).toHaveLength(3);
  });

  test("ends with axios's own error when nobody answers", async () => {
    const { url, close } = await serve(fine);
    close();
    const error = await retrying({}, name)
      .client.get(url)
      .catch((error) => error);
    expect(axios.isAxiosError(error)).toBe(true);
    expect(stopOf(error)).toMatchObject({ why: "attempts", attempts: 3 });
  });

  test("honours Retry-After and RateLimit, and is never early", async () => {
    const { url } = await serve(
      answer(503, "", { "retry-after": "7" }),
      answer(429, "", { ratelimit: '"default";r=0;t=9' }),
      fine,
    );
    const policy = vetted({ jitterRatio: 0, delayBaseMs: 0, limitMs: 1e9 });
    const { clock, client } = retrying({ policy }, name);
    await client.get(url);
    expect(clock.waitsMs).toEqual([7000, 9000]);
  });

  test.each([answer(508), answer(503, "", { "x-should-retry": "false" })])(
    "stops when the server says so: %#",
    async (stop) => {
      const { url, received } = await serve(stop, fine);
      const { client } = retrying({}, name);
      const error = await client.get(url).catch((error) => error);
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
      await retrying(options, name)
        .client.post(url, { pay: 5 }, { headers })
        .catch(() => {});
      const bodies = await Promise.all(received.map(({ body }) => body));
      expect(bodies).toEqual(Array.from({ length: attempts }, () => '{"pay":5}'));
      const keys = received.map(({ headers }) => headers["idempotency-key"]);
      expect(new Set(keys).size).toBe(1);
      expect(keys[0] !== undefined).toBe(attempts === 2);
    }
  });

  test("sends what can be sent again, whole", async () => {
    const form = new FormData();
    form.set("name", "hello");
    for (const body of ["hello", Buffer.from("hello"), new URLSearchParams("a=hello"), form]) {
      const { url, received } = await serve(busy, fine);
      await retrying({}, name).client.put(url, body);
      const bodies = await Promise.all(received.map(({ body }) => body));
      expect(bodies).toHaveLength(2);
      for (const sent of bodies) expect(sent).toContain("hello");
    }
  });

  test("is aborted at once in a wait, with axios's own error", async () => {
    const { url, received } = await serve(busy);
    const clock = new VirtualClock();
    const controller = new AbortController();
    const { signal } = controller;
    const call = watched(retrying({ clock }, name).client.get(url, { signal }));
    while (clock.pending === 0) await turn();
    controller.abort();
    await turn();
    expect(axios.isCancel(call.error)).toBe(true);
    expect([clock.pending, listeners(signal), received.length]).toEqual([0, 0, 1]);
  });

  test("is aborted at once in an attempt", async () => {
    const { url, request } = await serve(silent);
    const controller = new AbortController();
    const { signal } = controller;
    const call = watched(retrying({}, name).client.get(url, { signal }));
    const { message } = await request(1);
    const hungUp = once(message.socket, "close");
    controller.abort();
    await hungUp;
    await turn();
    expect(axios.isCancel(call.error)).toBe(true);
  });

  test("shares one budget among all calls to an origin, which successes fill", async () => {
    const down = await serve(busy);
    const well = await serve(fine);
    const { client } = retrying(
      { policy: vetted({ tokensMax: 5, tokensInitial: 5, limitMs: Infinity }), budgetOf: () => "" },
      name,
    );
    await Promise.allSettled(Array.from({ length: 50 }, (_, n) => client.get(`${down.url}${n}`)));
    expect(down.received).toHaveLength(55);
    for (let n = 0; n < 10; n++) await client.get(well.url);
    await client.get(down.url).catch(() => {});
    expect(down.received).toHaveLength(57);
  });

  test("within an outer retry makes one attempt", async () => {
    const { url, received } = await serve(busy);
    const { client } = retrying({}, name);
    const retry = createRetry({ policy: waiting(3), clock: new SkippingClock() });
    const call = retry(() => client.get(url));
    await expect(call).rejects.toMatchObject({ why: "attempts", attempts: 3 });
    expect(received).toHaveLength(3);
  });

  test("ends with the answer that `validateStatus` lets through", async () => {
    const { url, received } = await serve(busy);
    const sent: AxiosRequestConfig = { validateStatus: () => true };
    const response = await retrying({}, name).client.get(url, sent);
    expect([response.status, response.data]).toEqual([503, "busy"]);
    expect(received).toHaveLength(3);
  });
});

test.each([
  ["a stream", {}],
  // Of the package form-data.
  ["a stream that calls itself a form", { [Symbol.toStringTag]: "FormData" }],
])("%s is sent once: axios PR #11181, it is sent again empty", async (_what, traits) => {
  const { url, received } = await serve(busy, fine);
  const body = Object.assign(Readable.from([Buffer.from("hello")]), traits);
  await expect(retrying().client.put(url, body)).rejects.toMatchObject({
    response: { status: 503 },
  });
  expect(await Promise.all(received.map(({ body }) => body))).toEqual(["hello"]);
});

test("`timeout` limits each attempt, with axios's own error, and counts as a timeout", async () => {
  const { url, received } = await serve(silent);
  const outcomes: string[] = [];
  const observer = {
    attemptEnded: ({ end }: { end: { kind: string } }) => void outcomes.push(end.kind),
  };
  const call = retrying({ observer }).client.get(url, { timeout: 20 });
  await expect(call).rejects.toMatchObject({ code: "ECONNABORTED" });
  expect(received).toHaveLength(3);
  expect(outcomes).toEqual(["timeout", "timeout", "timeout"]);
});

test("a deadline ends the call, in an attempt too", async () => {
  const { url, request } = await serve(silent);
  const clock = new VirtualClock();
  const call = watched(retrying({ clock, deadlineMs: 200 }).client.get(url));
  await request(1);
  await clock.advance(200);
  await turn();
  expect(call.error).toMatchObject({ name: "TimeoutError" });
});

test("interceptors and transformations run once a call: axios-retry 4.5.0, with each attempt", async () => {
  const { url, received } = await serve(busy, fine);
  const { client } = retrying();
  const intercepted = vi.fn((config) => config);
  client.interceptors.request.use(intercepted);
  const transform = vi.fn((data: unknown) => JSON.stringify(data));
  await client.put(url, { a: 5 }, { transformRequest: [transform] });
  expect(intercepted).toHaveBeenCalledOnce();
  expect(transform).toHaveBeenCalledOnce();
  expect(await received[1].body).toBe('{"a":5}');
});

test("an answer as a stream is the last one's, and those before are let go", async () => {
  const { url, received } = await serve(
    answer(503, "x".repeat(100_000)),
    answer(200, "y".repeat(100_000)),
  );
  const { data } = await retrying().client.get(url, { responseType: "stream" });
  const chunks: Buffer[] = await data.toArray();
  expect(Buffer.concat(chunks).toString()).toBe("y".repeat(100_000));
  await vi.waitFor(() => expect(received[0].message.socket.destroyed).toBe(true));
});

test("a cancel token of old ends a wait", async () => {
  const { url } = await serve(busy);
  const clock = new VirtualClock();
  const source = axios.CancelToken.source();
  const call = watched(retrying({ clock }).client.get(url, { cancelToken: source.token }));
  while (clock.pending === 0) await turn();
  source.cancel("left");
  await turn();
  expect(axios.isCancel(call.error)).toBe(true);
  expect(clock.pending).toBe(0);
});

test("budgets are one an origin, with `baseURL` too", async () => {
  const [a, b] = await Promise.all([serve(busy), serve(busy)]);
  const { client } = retrying({ policy: vetted({ tokensMax: 1, limitMs: Infinity }) });
  for (const { url } of [a, b]) {
    await client.get("/x", { baseURL: url }).catch(() => {});
    await client.get(`${url}y`).catch(() => {});
  }
  expect([a.received.length, b.received.length]).toEqual([3, 3]);
});

test.each([
  [{ timeoutMs: 5 }, "got `timeoutMs`"],
  [{ retries: 5 }, "got `retries`"],
])("wrong options are refused at once: %j", (options, message) => {
  expect(() => forAxios(axios.getAdapter("http"), options as never)).toThrow(message);
});

test("what it was asked for can be sent again as it is: a call of its own, with a key of its own", async () => {
  const { url, received } = await serve(answer(401), busy, fine);
  const { client } = retrying({ methods: ["POST"] });
  client.interceptors.response.use(undefined, (error) =>
    error.response?.status === 401 ? client.request(error.config) : Promise.reject(error),
  );
  const { status, config } = await client.post(url, { pay: 5 });
  expect(status).toBe(200);
  expect(received.map(({ headers }) => headers["retry-attempt"])).toEqual(["1", "1", "2"]);
  const [first, second, third] = received.map(({ headers }) => headers["idempotency-key"]);
  expect(second).toBe(third);
  expect(second).not.toBe(first);
  expect(config.signal).toBeUndefined();
  expect(Object.keys(config.headers).join()).not.toMatch(/retry-attempt|idempotency/i);
});

test("a cancel token is let go of when a call is over", async () => {
  const { url } = await serve(fine);
  const { token } = axios.CancelToken.source();
  const { client } = retrying();
  for (let n = 0; n < 5; n++) await client.get(url, { cancelToken: token });
  expect((token as unknown as { _listeners: unknown[] })._listeners).toEqual([]);
});

test("its attempt's signal tells a fetch within, where no asynchronous context does", async () => {
  const { url, received } = await serve(busy);
  const outside = AsyncLocalStorage.snapshot();
  const inner = createFetch({ policy: waiting(3), clock: new SkippingClock() });
  const adapter = forAxios(
    ({ signal }) =>
      outside(async () => {
        const { status } = await inner(url, { signal: signal as AbortSignal });
        throw Object.assign(new Error("no"), { response: { status } });
      }),
    { policy: waiting(3), clock: new SkippingClock() },
  );
  const { signal } = new AbortController();
  await axios
    .create({ adapter: adapter as never })
    .get(url, { signal })
    .catch(() => {});
  expect(received).toHaveLength(3);
});

test.each([{ policy: waiting(3) }, ["xhr", "http"], undefined])(
  "what is no adapter is refused at once: %j",
  (send) => {
    expect(() => forAxios(send as never)).toThrow("Expected `send` to be a function");
  },
);

test("`classify: undefined` is as good as not there", async () => {
  const { url, received } = await serve(silent);
  const call = retrying({ classify: undefined }).client.get(url, { timeout: 20 });
  await expect(call).rejects.toMatchObject({ code: "ECONNABORTED" });
  expect(received).toHaveLength(3);
});
