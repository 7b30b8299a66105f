/** Real sockets: what arrives, not what was meant. */
import { Readable } from "node:stream";
import fc from "fast-check";
import { describe, expect, test, vi } from "vitest";
import { BodyNotRepeatable, createFetch, stopOf } from "../../src/fetch/index.ts";
import { waiting, watched } from "../retry/client.ts";
import { microtasks, turn, VirtualClock } from "../virtual-clock.ts";
import { answer, busy, fine, reset, SkippingClock, serve, silent } from "./server.ts";

const retrying = (options: object = {}) =>
  createFetch({ policy: waiting(3), clock: new SkippingClock(), ...options });

/** What arrived, attempt by attempt. */
const bodies = (received: readonly { readonly body: Promise<string> }[]) =>
  Promise.all(received.map(({ body }) => body));

const streamOf = (...chunks: string[]) => ReadableStream.from(chunks.map((c) => Buffer.from(c)));
async function* iterate(...chunks: string[]) {
  for (const chunk of chunks) yield Buffer.from(chunk);
}
const put = (body: unknown): RequestInit =>
  ({ method: "PUT", body, duplex: "half" }) as RequestInit;

describe("a body that can be read again is sent whole with every attempt", () => {
  const form = new FormData();
  form.set("name", "value");
  test.each([
    ["a string", "hello", "hello"],
    ["an empty string", "", ""],
    ["a buffer", Buffer.from("hello"), "hello"],
    ["a Blob", new Blob(["hello"]), "hello"],
    ["URLSearchParams", new URLSearchParams({ a: "b" }), "a=b"],
    ["FormData", form, expect.stringContaining('name="name"\r\n\r\nvalue')],
    ["none", undefined, ""],
  ])("%s", async (_what, body, arrived) => {
    const { url, received } = await serve(busy, fine);
    expect((await retrying()(url, put(body))).status).toBe(200);
    expect(await bodies(received)).toEqual([arrived, arrived]);
    expect(received[1].headers["content-type"]?.split(";")[0]).toBe(
      received[0].headers["content-type"]?.split(";")[0],
    );
  });
});

describe.each([
  ["a web stream", () => streamOf("hel", "lo")],
  ["an async iterable", () => iterate("hel", "lo")],
  ["a stream of Node", () => Readable.from([Buffer.from("hel"), Buffer.from("lo")])],
  ["a stream of Node that gives text", () => Readable.from(["hel", "lo"])],
])("%s", (_what, body) => {
  test("is sent once, and the server's answer is the answer", async () => {
    const { url, received } = await serve(busy);
    const response = await retrying()(url, put(body()));
    expect(response.status).toBe(503);
    expect(await response.text()).toBe("busy");
    expect(await bodies(received)).toEqual(["hello"]);
  });

  test("and when nothing is answered, the error says what to do", async () => {
    const { url, received } = await serve(reset);
    const error = await retrying()(url, put(body())).catch((error) => error);
    expect(received).toHaveLength(1);
    expect(error).toBeInstanceOf(BodyNotRepeatable);
    expect(error).toBeInstanceOf(TypeError);
    expect(error.message).toMatch(/a stream that is not kept.*`replayBytesMax`/);
    expect(error.cause.message).toBe("fetch failed");
  });

  test("is kept by option while it is sent, and sent whole again", async () => {
    const { url, received } = await serve(busy, reset, fine);
    const response = await retrying({ replayBytesMax: 5 })(url, put(body()));
    expect(response.status).toBe(200);
    expect((await bodies([received[0], received[2]])).join()).toBe("hello,hello");
  });

  test("longer than the limit is sent once, whole", async () => {
    const { url, received } = await serve(busy);
    const fetch = retrying({ replayBytesMax: 4 });
    const response = await fetch(url, put(body()));
    expect(response.status).toBe(503);
    expect(await response.text()).toBe("busy");
    expect(await bodies(received)).toEqual(["hello"]);
    expect(stopOf(response)).toMatchObject({ cause: expect.any(BodyNotRepeatable) });
  });

  test("of a request that is not retried anyway is none of our business", async () => {
    const { url, received } = await serve(reset);
    const posted = retrying()(url, { ...put(body()), method: "POST" });
    const error = await posted.catch((error) => error);
    expect(error.message).toBe("fetch failed");
    expect(received).toHaveLength(1);
  });
});

describe("a body that only its sender can read", () => {
  /** As the package form-data: it pipes, and is not iterable. */
  function piping(text: string) {
    let left = text;
    const pipe = () => {
      const sent = left;
      left = "";
      return sent;
    };
    return { [Symbol.toStringTag]: "FormData", pipe };
  }

  test.each([
    ["a stream of old", piping("hello")],
    ["an iterator", { next: () => {} }],
  ])("is sent once, when it is %s", async (_what, body) => {
    const sent = vi.fn(async () => new Response("busy", { status: 503 }));
    for (const replayBytesMax of [0, 1000]) {
      const response = await retrying({ fetch: sent, replayBytesMax })(
        "http://a.example/",
        put(body),
      );
      expect(await response.text()).toBe("busy");
    }
    expect(sent).toHaveBeenCalledTimes(2);
    expect(sent).toHaveBeenCalledWith("http://a.example/", expect.objectContaining({ body }));
  });

  test("and is refused by an error when nothing is answered", async () => {
    const sent = () => Promise.reject(new TypeError("fetch failed"));
    const call = retrying({ fetch: sent })("http://a.example/", put(piping("hello")));
    await expect(call).rejects.toThrow(BodyNotRepeatable);
  });
});

describe("a stream that is kept", () => {
  /** Never ends; `cancelled` resolves when nobody wants it any more. */
  function endless(bytes: number) {
    const { promise: cancelled, resolve: cancel } = Promise.withResolvers<void>();
    const body = new ReadableStream({
      start: (controller) => controller.enqueue(new Uint8Array(bytes)),
      cancel: () => cancel(),
    });
    return { body, cancelled };
  }

  const cancelling = async (_input: unknown, init?: RequestInit) =>
    (init?.body as ReadableStream | undefined)?.cancel();

  test("is let go when the call is over", async () => {
    const { body, cancelled } = endless(1);
    const answering: typeof fetch = async (input, init) => {
      cancelling(input, init);
      return new Response("enough");
    };
    const call = retrying({ fetch: answering, replayBytesMax: 10 })("http://a.example/", put(body));
    expect(await (await call).text()).toBe("enough");
    await cancelled;
  });

  test("that comes when its attempt is over is not sent in its name", async () => {
    let finish = () => {};
    const slow = new ReadableStream({
      start(controller) {
        finish = () => controller.close();
      },
    });
    const clock = new VirtualClock();
    const sent = vi.fn(() => Promise.reject(new TypeError("fetch failed")));
    const options = { clock, timeoutMs: 500, fetch: sent, replayBytesMax: 10 };
    const call = watched(retrying(options)("http://a.example/", put(slow)));
    await clock.advance(5000);
    expect(call.error).toMatchObject({ name: "TimeoutError" });
    finish();
    await turn();
    expect(sent).toHaveBeenCalledOnce();
  });

  test("is let go when it is too long to keep, though the call goes on", async () => {
    const { body, cancelled } = endless(100);
    const deaf: typeof fetch = (input, init) => {
      cancelling(input, init);
      return new Promise(() => {});
    };
    retrying({ fetch: deaf, replayBytesMax: 10 })("http://a.example/", put(body));
    await cancelled;
  });
});

describe("a body longer than `replayBytesMax`", () => {
  test("refuses the retry of a broken connection by an error that names the limit", async () => {
    const { url, received } = await serve(reset);
    const clock = new SkippingClock();
    const retry = { replayBytesMax: 4 };
    const call = retrying({ clock })(url, { ...put(streamOf("hello")), retry });
    const error = await call.catch((error) => error);
    expect(error).toBeInstanceOf(BodyNotRepeatable);
    expect(error.message).toContain("more than 4 bytes");
    expect(received).toHaveLength(1);
    expect(clock.waitsMs).toHaveLength(1);
  });

  test("refuses it once, though what broke is worth a retry", async () => {
    const clock = new SkippingClock();
    const broken = Object.assign(new Error("reset"), { code: "ECONNRESET" });
    const fetch = retrying({ clock, fetch: () => Promise.reject(broken), replayBytesMax: 4 });
    const error = await fetch("http://a.example/", put(streamOf("hello"))).catch((error) => error);
    expect(error).toBeInstanceOf(BodyNotRepeatable);
    expect(error.cause).toBe(broken);
    expect(clock.waitsMs).toHaveLength(1);
  });

  test("is not read ahead of what is sent", async () => {
    let pulled = 0;
    const endless = new ReadableStream({
      pull(controller) {
        pulled++;
        controller.enqueue(new Uint8Array(10));
      },
    });
    const neverSends = () => new Promise<Response>(() => {});
    retrying({ fetch: neverSends, replayBytesMax: 100 })("http://a.example/", put(endless));
    await new Promise((resolve) => setImmediate(resolve));
    await microtasks();
    expect(pulled).toBeLessThan(20);
  });
});

describe('with `giveUp: "error"`', () => {
  test("the body's error is the cause", async () => {
    const { url } = await serve(busy);
    const fetch = retrying({ giveUp: "error" });
    const error = await fetch(url, put(streamOf("hello"))).catch((error) => error);
    expect(error).toMatchObject({ name: "RetryStopped", why: "not-retryable", attempts: 1 });
    expect(error.cause).toBeInstanceOf(BodyNotRepeatable);
    expect(error.cause.cause).toMatchObject({ status: 503 });
  });
});

test("a timeout does not send a stream again either", async () => {
  const { url, received, request } = await serve(silent);
  const clock = new VirtualClock();
  const call = retrying({ clock, timeoutMs: 500 })(url, put(streamOf("hello")));
  const error = call.catch((error) => error);
  await (await request(1)).body;
  await clock.advance(500);
  expect((await error).cause).toMatchObject({ name: "TimeoutError" });
  expect(await error).toBeInstanceOf(BodyNotRepeatable);
  expect(received).toHaveLength(1);
});

test("a stream that breaks off is an error, not a short body", async () => {
  const broken = new ReadableStream({
    start: (controller) => controller.enqueue(Buffer.from("hel")),
    pull: (controller) => controller.error(new Error("disk")),
  });
  const { url } = await serve(fine);
  const fetch = retrying({ replayBytesMax: 1000 });
  await expect(fetch(url, put(broken))).rejects.toThrow();
});

describe("a Request", () => {
  const requestOf = (url: string, body: unknown) => new Request(url, put(body));

  test("is sent with its method, headers and body, every time", async () => {
    const { url, received } = await serve(busy, reset, fine);
    const request = new Request(url, { ...put("hello"), headers: { "x-own": "1" } });
    expect((await retrying()(request)).status).toBe(200);
    expect(received.map(({ method, headers }) => [method, headers["x-own"]])).toEqual(
      Array(3).fill(["PUT", "1"]),
    );
    expect(await received[2].body).toBe("hello");
    for (const { headers } of received) {
      expect(headers["content-type"]).toBe("text/plain;charset=UTF-8");
      expect(headers["content-length"]).toBe("5");
    }
  });

  test("is used up, as fetch uses it", async () => {
    const { url } = await serve(fine);
    const request = requestOf(url, "hello");
    await retrying()(request);
    expect(request.bodyUsed).toBe(true);
    await expect(retrying()(request)).rejects.toThrow(TypeError);
  });

  test("whose body is a stream is kept up to 64 KiB", async () => {
    const { url, received } = await serve(busy, fine);
    expect((await retrying()(requestOf(url, streamOf("hel", "lo")))).status).toBe(200);
    expect(await bodies(received)).toEqual(["hello", "hello"]);
  });

  test.each([
    [
      "a long stream",
      () =>
        streamOf(
          ..."x"
            .repeat(70)
            .split("")
            .map((x) => x.repeat(1000)),
        ),
    ],
    ["a long string", () => "x".repeat(70_000)],
  ])("with %s is sent once", async (_what, body) => {
    const { url, received } = await serve(busy);
    expect((await retrying()(requestOf(url, body()))).status).toBe(503);
    expect((await bodies(received)).map(({ length }) => length)).toEqual([70_000]);
  });

  test("with a long string is sent again if the limit allows it", async () => {
    const { url, received } = await serve(busy, fine);
    const response = await retrying({ replayBytesMax: 1e6 })(requestOf(url, "x".repeat(70_000)));
    expect(response.status).toBe(200);
    expect((await bodies(received)).map(({ length }) => length)).toEqual([70_000, 70_000]);
  });

  test("with a limit of 0 is sent once", async () => {
    const { url, received } = await serve(reset);
    const call = retrying({ replayBytesMax: 0 })(requestOf(url, "hello"));
    await expect(call).rejects.toThrow("the body of a Request, which is not kept");
    expect(received).toHaveLength(1);
  });

  test("may have another body in `init`, which counts", async () => {
    const { url, received } = await serve(busy, fine);
    await retrying()(requestOf(url, "old"), { body: "new" });
    expect(await bodies(received)).toEqual(["new", "new"]);
  });

  test("may be an `init`, as in a worker that hands it on to another URL", async () => {
    const { url, received } = await serve(busy, fine);
    const incoming = new Request("http://a.example/", {
      ...put("hello"),
      headers: { "x-own": "1" },
    });
    expect((await retrying()(url, incoming)).status).toBe(200);
    expect(received.map(({ method, headers }) => [method, headers["x-own"]])).toEqual(
      Array(2).fill(["PUT", "1"]),
    );
    expect(await bodies(received)).toEqual(["hello", "hello"]);
  });

  test.each([
    ["GET", undefined, ""],
    ["PUT", "hello", "hello"],
  ])("in Firefox, which shows no body, is a %s all the same", async (method, body, arrived) => {
    const { url, received } = await serve(busy, fine);
    const request = new Request(url, { method, ...(body && { body }) });
    const copy = request.clone();
    for (const shown of [request, copy]) Object.defineProperty(shown, "body", { value: undefined });
    Object.defineProperty(request, "clone", { value: () => copy });
    expect((await retrying()(request)).status).toBe(200);
    expect(await bodies(received)).toEqual([arrived, arrived]);
  });

  test("without a body is retried as it is", async () => {
    const { url, received } = await serve(busy, fine);
    expect((await retrying()(new Request(url))).status).toBe(200);
    expect(received.map(({ headers }) => headers["content-length"])).toEqual([
      undefined,
      undefined,
    ]);
  });

  test("keeps its referrer, which an `init` would reset", async () => {
    const sent = vi.fn(async (_input: unknown, _init?: RequestInit) => new Response());
    const request = new Request("http://a.example/x", {
      referrer: "http://a.example/page",
      referrerPolicy: "origin",
    });
    await retrying({ fetch: sent })(request);
    const [input, init] = sent.mock.calls[0];
    const { referrer, referrerPolicy } = new Request(input as Request, init);
    expect([referrer, referrerPolicy]).toEqual(["http://a.example/page", "origin"]);
  });
});

test("an answer before the whole body was sent does not cut the body short in the retry", async () => {
  const early = (response: { writeHead: (status: number) => { end: () => void } }) =>
    response.writeHead(503).end();
  const { url, received } = await serve(early, answer(200));
  const long = "x".repeat(3e6);
  const chunks = Array.from({ length: 30 }, () => "x".repeat(1e5));
  const response = await retrying({ replayBytesMax: 1e7 })(url, put(streamOf(...chunks)));
  expect(response.status).toBe(200);
  expect((await received[1].body).length).toBe(long.length);
});

test("whatever is sent to whatever server, each body that arrives is whole", async () => {
  const chunksOf = (text: string) => text.match(/.{1,9000}/gs) ?? [];
  const kinds: Record<string, (url: string, text: string) => [string | Request, RequestInit]> = {
    string: (url, text) => [url, put(text)],
    Blob: (url, text) => [url, put(new Blob([text]))],
    stream: (url, text) => [url, put(streamOf(...chunksOf(text)))],
    iterable: (url, text) => [url, put(iterate(...chunksOf(text)))],
    "Request of a string": (url, text) => [new Request(url, put(text)), {}],
    "Request of a stream": (url, text) => [new Request(url, put(streamOf(...chunksOf(text)))), {}],
  };
  const acts: Record<string, Parameters<typeof serve>[number]> = {
    busy,
    reset,
    fine,
    early: (response) => response.writeHead(503).end("no"),
    "reset in the middle": (response, { message }) =>
      message.once("data", () => response.socket?.resetAndDestroy()),
  };
  const names = fc.array(fc.constantFrom(...Object.keys(acts)), { minLength: 1, maxLength: 3 });
  const text = fc.integer({ min: 0, max: 100_000 }).map((length) => "x".repeat(length));
  await fc.assert(
    fc.asyncProperty(
      names,
      fc.constantFrom(...Object.keys(kinds)),
      text,
      fc.constantFrom(undefined, 0, 20_000, 1e6),
      async (script, kind, text, replayBytesMax) => {
        const { url, received, close } = await serve(...script.map((name) => acts[name]));
        const fetch = retrying(replayBytesMax === undefined ? {} : { replayBytesMax });
        const response = await fetch(...kinds[kind](url, text)).catch(() => undefined);
        const arrived = await Promise.allSettled(received.map(({ body }) => body));
        close();
        for (const body of arrived) {
          if (body.status === "fulfilled") expect(body.value.length).toBe(text.length);
        }
        expect(received.length).toBeLessThanOrEqual(3);
        if (response?.status === 200) expect(arrived.at(-1)?.status).toBe("fulfilled");
        const isOnce = (kind === "stream" || kind === "iterable") && !replayBytesMax;
        if (isOnce) expect(received.length).toBeLessThanOrEqual(1);
      },
    ),
    { numRuns: 150, seed: 1 },
  );
});
