import type { AddressInfo } from "node:net";
import { createServer } from "node:net";
import { Agent, Client, type Dispatcher, interceptors, MockAgent, stream } from "undici";
import { describe, expect, onTestFinished, test, vi } from "vitest";
import { vetted } from "../../policies/index.ts";
import { createFetch } from "../../src/fetch/index.ts";
import { createRetry } from "../../src/index.ts";
import { RetryStopped, retryInterceptor, stopOf } from "../../src/undici/index.ts";
import { answer, busy, fine, reset, SkippingClock, serve, silent } from "../fetch/server.ts";
import { listeners, policyOf, waiting, watched } from "../retry/client.ts";
import { turn, VirtualClock } from "../virtual-clock.ts";
import { retrying } from "./retrying.ts";

describe("a request", () => {
  test("is retried until it is answered", async () => {
    const { url, received } = await serve(busy, reset, answer(200, "fine", { "x-a": "b" }));
    const { clock, send } = retrying();
    expect(await send(url)).toMatchObject({ status: 200, text: "fine", headers: { "x-a": "b" } });
    expect(received).toHaveLength(3);
    expect(clock.waitsMs).toEqual([100, 100]);
  });

  test("that is given up ends with the server's last answer, headers and body", async () => {
    const { url, received } = await serve(busy, busy, answer(503, "last", { "x-a": "b" }));
    const { status, text, headers } = await retrying().send(url);
    expect([status, text, headers["x-a"]]).toEqual([503, "last", "b"]);
    expect(stopOf(headers)).toMatchObject({ why: "attempts", attempts: 3 });
    expect(received).toHaveLength(3);
  });

  test("that is given up ends with undici's own error, if the server did not answer", async () => {
    const { url, received } = await serve(reset);
    const error = await retrying()
      .send(url)
      .catch((error) => error);
    expect(error.code).toBe("ECONNRESET");
    expect(stopOf(error)).toMatchObject({ why: "attempts", attempts: 3, cause: error });
    expect(received).toHaveLength(3);
  });

  test('ends with the whole story, if asked for: `giveUp: "error"`', async () => {
    const { url } = await serve(busy);
    const error = await retrying({ giveUp: "error" })
      .send(url)
      .catch((error) => error);
    expect(error).toBeInstanceOf(RetryStopped);
    expect(error.causes.map(({ status }: { status: number }) => status)).toEqual([503, 503, 503]);
  });

  test.each([400, 401, 404, 501, 508])("is sent once if it is answered %i", async (status) => {
    const { url, received } = await serve(answer(status, "no"));
    expect(await retrying().send(url)).toMatchObject({ status, text: "no" });
    expect(received).toHaveLength(1);
  });

  test.each(["x-should-retry: false", "x-envoy-attempt-count: 2"])(
    "is sent once if the server says %s",
    async (field) => {
      const headers = Object.fromEntries([field.split(": ")]);
      const { url, received } = await serve(answer(503, "", headers));
      await retrying().send(url);
      expect(received).toHaveLength(1);
    },
  );

  test("waits as Retry-After or RateLimit ask", async () => {
    const { url } = await serve(
      answer(503, "", { "retry-after": "2" }),
      answer(429, "", { ratelimit: '"default";r=0;t=9' }),
      fine,
    );
    const policy = vetted({ jitterRatio: 0, delayBaseMs: 0, limitMs: 1e9 });
    const { clock, send } = retrying({ policy });
    await send(url);
    expect(clock.waitsMs).toEqual([2000, 9000]);
  });

  test("to a server that is not there is retried, and ends with its error", async () => {
    const { url, close } = await serve(fine);
    close();
    const { clock, send } = retrying();
    await expect(send(url)).rejects.toMatchObject({ code: "ECONNREFUSED" });
    expect(clock.waitsMs).toEqual([100, 100]);
  });

  test("that undici refuses ends with its error, once", async () => {
    const { clock, open } = retrying();
    const call = open("http://127.0.0.1:1/", { method: "GET", headersTimeout: -1 });
    await expect(call).rejects.toMatchObject({ code: "UND_ERR_INVALID_ARG" });
    expect(clock.waitsMs).toEqual([]);
  });

  test("that the policy refuses is not sent", async () => {
    const { url, received } = await serve(fine);
    const refusing = { ...waiting(3), decide: () => ({ do: "stop", why: "breaker" }) as const };
    const error = await retrying({ policy: refusing })
      .send(url)
      .catch((error) => error);
    expect(error).toMatchObject({ name: "RetryStopped", why: "breaker", attempts: 0 });
    expect(received).toHaveLength(0);
  });

  test.each(["GET", "HEAD", "OPTIONS", "TRACE", "QUERY", "PUT", "DELETE"] as const)(
    "by %s is retried",
    async (method) => {
      const { url, received } = await serve(busy, fine);
      expect((await retrying().send(url, { method })).status).toBe(200);
      expect(received).toHaveLength(2);
    },
  );

  test.each(["POST", "PATCH"] as const)("by %s is not, unless told", async (method) => {
    for (const [options, sent, attempts] of [
      [{}, {}, 1],
      [{}, { idempotent: true }, 2],
      [{}, { headers: { "Idempotency-Key": "mine" } }, 2],
      [{ methods: [method] }, {}, 2],
      [{ methods: [method] }, { idempotent: false }, 1],
    ] as const) {
      const { url, received } = await serve(busy, fine);
      await retrying(options).send(url, { method, body: "pay", ...sent });
      expect(received).toHaveLength(attempts);
      const keys = new Set(received.map(({ headers }) => headers["idempotency-key"]));
      expect(keys.size).toBe(1);
      expect([...keys][0] !== undefined).toBe(attempts === 2);
    }
  });
});

describe("headers", () => {
  test.each([
    ["none", undefined],
    ["an object", { "x-a": "1", "x-b": ["2", "3"] }],
    ["names and values", ["x-a", "1", "x-b", "2", "x-b", "3"]],
    ["a Headers", new Headers({ "x-a": "1", "x-b": "2, 3" })],
    [
      "a Map",
      new Map([
        ["x-a", "1"],
        ["x-b", "2, 3"],
      ]),
    ],
    [
      "a generator",
      (function* () {
        yield ["x-a", "1"];
        yield ["x-b", "2, 3"];
      })(),
    ],
  ])(
    "of the form %s are sent with every attempt, with its number and its limit",
    async (_form, headers) => {
      const { url, received } = await serve(busy, fine);
      await retrying({ timeoutMs: 5000 }).send(url, { headers: headers as never });
      for (const [index, request] of received.entries()) {
        expect(request.headers["retry-attempt"]).toBe(`${index + 1}`);
        expect(request.headers["request-timeout-ms"]).toBe("5000");
        const others = [request.headers["x-a"], request.headers["x-b"]];
        expect(others).toEqual(headers === undefined ? [undefined, undefined] : ["1", "2, 3"]);
      }
    },
  );

  test('say nothing of attempts with `attemptHeaders: "never"`', async () => {
    const { url, received } = await serve(busy, fine);
    await retrying({ attemptHeaders: "never" }).send(url);
    expect(received[1].headers).not.toHaveProperty("retry-attempt");
  });
});

describe("limits", () => {
  test("a timeout interrupts an attempt, and the next may be answered", async () => {
    const { url, received, request } = await serve(silent, fine);
    const clock = new VirtualClock();
    const { send } = retrying({ clock, timeoutMs: 500 });
    const call = send(url);
    const first = await request(1);
    const hungUp = new Promise((resolve) => first.message.socket.once("close", resolve));
    await clock.advance(500);
    await hungUp;
    await clock.advance(100);
    expect((await call).text).toBe("fine");
    expect(received).toHaveLength(2);
  });

  test("a deadline ends the call in an attempt, with a TimeoutError", async () => {
    const { url, request } = await serve(silent);
    const clock = new VirtualClock();
    const call = watched(retrying({ clock, deadlineMs: 200 }).send(url));
    await request(1);
    await clock.advance(200);
    expect(call.error).toMatchObject({ name: "TimeoutError" });
    expect(clock.pending).toBe(0);
  });

  test("end with the first byte of the answer", async () => {
    let finish = () => {};
    const { url } = await serve((response) => {
      response.writeHead(200).write("slow");
      finish = () => void response.end("ly");
    });
    const clock = new VirtualClock();
    const { body } = await retrying({ clock, timeoutMs: 500, deadlineMs: 900 }).open(url);
    await clock.advance(1000);
    finish();
    expect(await body.text()).toBe("slowly");
  });

  test("undici's own timeouts count as timeouts", async () => {
    const { url, received } = await serve(silent, fine);
    expect((await retrying().send(url, { headersTimeout: 20 })).text).toBe("fine");
    expect(received).toHaveLength(2);
  });

  test("an attempt that waits for a connection is not sent when its time is up", async () => {
    const { url, received, request } = await serve(silent, fine);
    const clock = new VirtualClock();
    const agent = new Agent({ connections: 1, pipelining: 1 });
    const { send } = retrying({ clock, timeoutMs: 500, policy: waiting(1) }, agent);
    const blocking = watched(send(url));
    await request(1);
    const queued = watched(send(url));
    await clock.advance(500);
    expect(blocking.error).toMatchObject({ name: "TimeoutError" });
    expect(queued.error).toMatchObject({ name: "TimeoutError" });
    expect(
      (await agent.compose().request({ origin: url, path: "/", method: "GET" })).statusCode,
    ).toBe(200);
    expect(received).toHaveLength(2);
  });
});

describe("the caller's abort", () => {
  const reason = new Error("the user left");

  test("is heard in an attempt, and closes its connection", async () => {
    const { url, received, request } = await serve(silent);
    const controller = new AbortController();
    const call = watched(retrying().send(url, { signal: controller.signal }));
    const { message } = await request(1);
    const hungUp = new Promise((resolve) => message.socket.once("close", resolve));
    controller.abort(reason);
    await hungUp;
    expect(call.error).toBe(reason);
    expect(received).toHaveLength(1);
    expect(listeners(controller.signal)).toBe(0);
  });

  test("is heard in a wait, at once", async () => {
    const { url, received } = await serve(busy);
    const clock = new VirtualClock();
    const controller = new AbortController();
    const call = watched(retrying({ clock }).send(url, { signal: controller.signal }));
    while (clock.pending === 0) await turn();
    controller.abort(reason);
    await turn();
    expect(call.error).toBe(reason);
    await clock.advance(5000);
    expect(received).toHaveLength(1);
    expect(clock.pending).toBe(0);
    expect(listeners(controller.signal)).toBe(0);
  });

  test("is heard in a wait before the first attempt", async () => {
    const clock = new VirtualClock();
    const controller = new AbortController();
    const later = policyOf(() => ({ do: "stop", why: "attempts" }));
    const policy = { ...later, decide: () => ({ do: "wait", delayMs: 1000 }) as const };
    const call = watched(
      retrying({ clock, policy }).send("http://127.0.0.1:1/", { signal: controller.signal }),
    );
    while (clock.pending === 0) await turn();
    controller.abort(reason);
    await turn();
    expect(call.error).toBe(reason);
    expect(clock.pending).toBe(0);
  });

  test("is heard before anything is sent", async () => {
    const { url, received } = await serve(fine);
    await expect(retrying().send(url, { signal: AbortSignal.abort(reason) })).rejects.toBe(reason);
    expect(received).toHaveLength(0);
  });

  test("is heard while the answer's body is read, and is no failure of the server's", async () => {
    const { url, received } = await serve((response) => response.writeHead(200).write("half"));
    const controller = new AbortController();
    const { body } = await retrying().open(url, { signal: controller.signal });
    const text = body.text();
    controller.abort(reason);
    await expect(text).rejects.toBe(reason);
    expect(received).toHaveLength(1);
  });

  test("is heard while a rejection is passed on", async () => {
    const { url } = await serve((response) => response.writeHead(404).write("half"));
    const controller = new AbortController();
    const { body } = await retrying().open(url, { signal: controller.signal });
    const text = body.text();
    controller.abort(reason);
    await expect(text).rejects.toBe(reason);
  });
});

describe("budgets", () => {
  test("are one an origin", async () => {
    const down = await serve(busy);
    const blip = await serve(busy, fine);
    const { send } = retrying({ policy: vetted({ tokensMax: 2, limitMs: Infinity }) });
    await Promise.all(Array.from({ length: 20 }, () => send(down.url)));
    expect(down.received).toHaveLength(22);
    expect((await send(blip.url)).status).toBe(200);
  });

  test("are filled by successes", async () => {
    const { url } = await serve(busy, fine);
    let tokens = -1;
    const policy = vetted({ tokensMax: 1, ratio: 0.5, limitMs: Infinity });
    const spy = {
      ...policy,
      observe: vi.fn<NonNullable<typeof policy.observe>>((state, event) => {
        policy.observe?.(state, event);
        tokens = Object.values(state)[0];
      }),
    };
    const { send } = retrying({ policy: spy });
    await send(url);
    expect(tokens).toBe(500);
    await send(url, { method: "POST" });
    expect(tokens).toBe(1000);
    expect(spy.observe).toHaveBeenCalledTimes(2);
  });

  test("may be one for all", async () => {
    const servers = await Promise.all([serve(busy), serve(busy)]);
    const { send } = retrying({ policy: vetted({ tokensMax: 1 }), budgetOf: () => "all" });
    for (const { url } of servers) await send(url);
    expect(servers.map(({ received }) => received.length)).toEqual([2, 1]);
  });
});

describe("layers", () => {
  test("within a retry it makes one attempt, and tells the server of the outer one", async () => {
    const { url, received } = await serve(busy);
    const { send } = retrying();
    const retry = createRetry({ policy: waiting(3), clock: new SkippingClock() });
    const call = retry(async () => {
      const { status } = await send(url);
      throw Object.assign(new Error("busy"), { status });
    });
    await expect(call).rejects.toMatchObject({ why: "attempts", attempts: 3 });
    expect(received.map(({ headers }) => headers["retry-attempt"])).toEqual(["1", "2", "3"]);
  });

  test("below a createFetch that sends through it, all retries are the fetch's", async () => {
    const { url, received } = await serve(busy);
    const { dispatcher } = retrying();
    const { fetch } = await import("undici");
    const sending = (input: unknown, init: object) =>
      fetch(input as string, { ...init, dispatcher });
    const outer = createFetch({
      policy: waiting(3),
      clock: new SkippingClock(),
      fetch: sending as never,
    });
    expect((await outer(url)).status).toBe(503);
    expect(received).toHaveLength(3);
  });

  test("two of them in one chain are one layer", async () => {
    const { url, received } = await serve(busy);
    const inner = retryInterceptor({
      policy: waiting(3),
      clock: new SkippingClock(),
      attemptHeaders: "never",
    });
    const { send } = retrying({ attemptHeaders: "never" }, new Agent().compose(inner));
    await send(url);
    expect(received).toHaveLength(3);
  });

  test('with `nested: "retry"` the inner one retries', async () => {
    const { url, received } = await serve(busy);
    const { send } = retrying({ nested: "retry" });
    const retry = createRetry({ policy: waiting(1) });
    await retry(() => send(url));
    expect(received).toHaveLength(3);
  });

  test("a request that carries another layer's attempt is sent once, and carries it on", async () => {
    const { url, received } = await serve(busy);
    await retrying().send(url, { headers: { "Retry-Attempt": "2" } });
    expect(received.map(({ headers }) => headers["retry-attempt"])).toEqual(["2"]);
  });
});

describe("among undici's own parts", () => {
  test("an upgrade passes through untouched", async () => {
    const dispatch = vi.fn(() => true);
    const composed = retryInterceptor()(dispatch as unknown as Dispatcher.Dispatch);
    const handler = {};
    for (const options of [
      { method: "GET", path: "/", upgrade: "Websocket" },
      { method: "CONNECT", path: "example.com:443" },
    ] as const) {
      composed(options, handler);
      expect(dispatch).toHaveBeenLastCalledWith(options, handler);
    }
  });

  test("a real upgrade gets its socket", async () => {
    const server = createServer((socket) => {
      socket.once("data", () =>
        socket.write("HTTP/1.1 101 Go\r\nconnection: upgrade\r\nupgrade: echo\r\n\r\nhi"),
      );
    });
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
    onTestFinished(() => void server.close());
    const { port } = server.address() as AddressInfo;
    const client = new Client(`http://127.0.0.1:${port}`).compose(retryInterceptor());
    const { socket } = await client.upgrade({ path: "/", protocol: "echo" });
    const [said] = await socket.take(1).toArray();
    expect(`${said}`).toBe("hi");
    socket.destroy();
  });

  test("informational answers come through", async () => {
    const { url } = await serve((response, { body }) => {
      response.writeEarlyHints({ link: "</a.css>; rel=preload" });
      body.then(() => response.end("fine"));
    });
    const onInfo = vi.fn();
    expect((await retrying().send(url, { onInfo })).text).toBe("fine");
    expect(onInfo).toHaveBeenCalledOnce();
  });

  test("inside, a redirect is part of the attempt; outside, each hop has attempts of its own", async () => {
    const redirect = interceptors.redirect({ maxRedirections: 2 });
    for (const compose of [
      (agent: Agent) => retrying({}, agent.compose(redirect)).dispatcher,
      (agent: Agent) => retrying({}, agent).dispatcher.compose(redirect),
    ]) {
      const { url, received } = await serve(answer(302, "", { location: "/b" }), busy, fine, fine);
      const { statusCode, body } = await compose(new Agent()).request({
        origin: url,
        path: "/a",
        method: "GET",
      });
      expect([statusCode, await body.text()]).toEqual([200, "fine"]);
      expect(received.length).toBeGreaterThanOrEqual(3);
    }
  });

  test("`interceptors.responseError` within it changes nothing of when it retries", async () => {
    const { url, received } = await serve(
      answer(503, "", { "retry-after": "3" }),
      answer(404, "no"),
    );
    const policy = vetted({ jitterRatio: 0, delayBaseMs: 0, limitMs: 1e9 });
    const { clock, send } = retrying({ policy }, new Agent().compose(interceptors.responseError()));
    await expect(send(url)).rejects.toMatchObject({ statusCode: 404 });
    expect(clock.waitsMs).toEqual([3000]);
    expect(received).toHaveLength(2);
  });

  test("`interceptors.decompress` and `dns`, inside and outside", async () => {
    const { gzipSync } = await import("node:zlib");
    for (const isInside of [true, false]) {
      const { url } = await serve(busy, (response) =>
        response.writeHead(200, { "content-encoding": "gzip" }).end(gzipSync("fine")),
      );
      const parts = [interceptors.decompress(), interceptors.dns({})];
      const agent = isInside ? new Agent().compose(parts) : new Agent();
      const { dispatcher } = retrying({}, agent);
      const whole = isInside ? dispatcher : dispatcher.compose(parts);
      const { body } = await whole.request({
        origin: url.replace("127.0.0.1", "localhost"),
        path: "/",
        method: "GET",
      });
      expect(await body.text()).toBe("fine");
    }
  });

  test("a MockAgent is retried, and its one error object in every call anew", async () => {
    const agent = new MockAgent();
    agent.disableNetConnect();
    const pool = agent.get("http://api.example.com");
    const error = Object.assign(new Error("reset"), { code: "ECONNRESET" });
    pool.intercept({ path: "/" }).replyWithError(error).persist();
    const { clock, send } = retrying({}, agent);
    for (const n of [2, 4, 6]) {
      await expect(send("http://api.example.com/")).rejects.toBe(error);
      expect(clock.waitsMs).toHaveLength(n);
    }
  });

  test("`stream` writes the last answer, and hears nothing of those before", async () => {
    const { url } = await serve(busy, fine);
    const { dispatcher } = retrying();
    const { Writable } = await import("node:stream");
    const written: string[] = [];
    const statuses: number[] = [];
    await stream(url, { method: "GET", dispatcher }, ({ statusCode }) => {
      statuses.push(statusCode);
      return new Writable({
        write(chunk, _encoding, done) {
          written.push(`${chunk}`);
          done();
        },
      });
    });
    expect([statuses, written]).toEqual([[200], ["fine"]]);
  });

  test("a dispatcher that is destroyed in a wait ends the call with its error", async () => {
    const { url, received } = await serve(busy);
    const clock = new VirtualClock();
    const { agent, send } = retrying({ clock });
    const call = watched(send(url));
    while (clock.pending === 0) await turn();
    await agent.destroy();
    await clock.advance(1100);
    expect(call.error).toMatchObject({ code: "UND_ERR_DESTROYED" });
    expect(received).toHaveLength(1);
    expect(clock.pending).toBe(0);
  });
});

test.each([
  [null, "Expected `options` to be an object, got null."],
  [{ fetch }, "got `fetch`"],
  [{ replayBytesMax: 5 }, "got `replayBytesMax`"],
  [{ maxRetries: 5 }, "got `maxRetries`"],
  [{ policy: {} }, "Expected"],
  [{ timeoutMs: -1 }, "Expected `timeoutMs` to be a number > 0"],
])("wrong options are refused at once: %j", (options, message) => {
  expect(() => retryInterceptor(options as never)).toThrow(message);
});

describe("what undici would refuse, or throw", () => {
  test("a handler of an older Node's fetch is refused by undici's words, and does not hang", () => {
    const { dispatcher } = retrying();
    // As of Node 22, whose own fetch is undici 6.
    const old = { onConnect() {}, onHeaders() {}, onData() {}, onComplete() {}, onError() {} };
    const options = { origin: "http://127.0.0.1:1", path: "/", method: "GET" } as const;
    expect(() => dispatcher.dispatch(options, old as never)).toThrow(/^invalid on/);
  });

  test("what `onResponseError` throws is an uncaught exception of its own", async () => {
    const thrown = new Error("of the handler");
    const heard = uncaught();
    const { url } = await serve(reset);
    const { dispatcher } = retrying();
    const handler = {
      onRequestStart() {},
      onResponseStart() {},
      onResponseData() {},
      onResponseEnd() {},
      onResponseError() {
        throw thrown;
      },
    };
    dispatcher.dispatch({ origin: url, path: "/", method: "GET" }, handler);
    await vi.waitFor(() => expect(heard).toEqual([["uncaughtException", thrown]]));
  });

  test("`classify: undefined` is as good as not there", async () => {
    const { url, received } = await serve(busy);
    const agent = new Agent().compose(interceptors.responseError());
    await retrying({ classify: undefined }, agent)
      .send(url)
      .catch(() => {});
    expect(received).toHaveLength(3);
  });

  test("what an outer retry repeats is not marked as given up", async () => {
    const { url, received } = await serve(reset, fine);
    const { send } = retrying();
    const retry = createRetry({ policy: waiting(3), clock: new SkippingClock() });
    expect((await retry(() => send(url, { method: "POST", body: "pay" }))).text).toBe("fine");
    expect(received).toHaveLength(2);
  });
});

/** Of what nobody catches, instead of the test runner. */
function uncaught(): unknown[][] {
  const heard: unknown[][] = [];
  for (const name of ["uncaughtException", "unhandledRejection"] as const) {
    const before = process.rawListeners(name) as (() => void)[];
    process.removeAllListeners(name);
    process.on(name, (error: unknown) => void heard.push([name, error]));
    onTestFinished(() => {
      process.removeAllListeners(name);
      for (const listener of before) process.on(name, listener);
    });
  }
  return heard;
}
