/**
 * Defects of undici's own `RetryAgent` and `interceptors.retry`, each seen to happen in the version named,
 * and each held against this one. A test is named after who has the defect, and what it is.
 */
import { describe, expect, test } from "vitest";
import { vetted } from "../../policies/index.ts";
import { stopOf } from "../../src/undici/index.ts";
import { answer, busy, fine, reset, serve } from "../fetch/server.ts";
import { waiting } from "../retry/client.ts";
import { retrying } from "./retrying.ts";

/** The wait after a rejection that asks for one, by the default policy's part for hints and none of its own. */
async function waitAfter(status: number, retryAfter: string): Promise<number | undefined> {
  const { url } = await serve(answer(status, "", { "retry-after": retryAfter }), fine);
  const policy = vetted({ jitterRatio: 0, delayBaseMs: 0, limitMs: 1e9 });
  const { clock, send } = retrying({ policy });
  await send(url);
  return clock.waitsMs[0];
}

describe("undici 8.12.4 RetryAgent", () => {
  test.each([
    [
      "an async generator",
      async function* () {
        yield Buffer.from("hello");
      },
    ],
    [
      "a generator",
      function* () {
        yield Buffer.from("hello");
      },
    ],
    ["a web stream", () => ReadableStream.from([Buffer.from("hello")])],
  ])("a PUT of %s is sent again with zero bytes, and succeeds", async (_what, body) => {
    const { url, received } = await serve(busy, fine);
    const { status } = await retrying().send(url, { method: "PUT", body: body() as never });
    expect(status).toBe(503);
    expect(await Promise.all(received.map(({ body }) => body))).toEqual(["hello"]);
  });

  test.each([429, 503])(
    "a %i that asks for a minute is retried after half of one",
    async (status) => {
      expect(await waitAfter(status, "60")).toBe(60_000);
    },
  );

  test("a server that asks for a day is retried after half a minute", async () => {
    const { url, received } = await serve(answer(429, "tomorrow", { "retry-after": "86400" }));
    const { clock, send } = retrying({ policy: vetted({ limitMs: Infinity }) });
    const { text, headers } = await send(url);
    expect(text).toBe("tomorrow");
    expect(stopOf(headers)?.why).toBe("retry-after");
    expect(received).toHaveLength(1);
    expect(clock.waitsMs).toEqual([]);
  });

  test("a date gone by is taken for none, and not for now", async () => {
    const { url } = await serve(
      answer(503, "", { "retry-after": "Sun, 06 Nov 1994 08:49:37 GMT" }),
      fine,
    );
    const outcomes: unknown[] = [];
    const observer = { attemptEnded: ({ end }: { end: unknown }) => outcomes.push(end) };
    await retrying({ observer }).send(url);
    expect(outcomes[0]).toEqual({ kind: "rejected", status: 503, retryAfterMs: 0 });
  });

  test.each(["1e3", "0x10", "1.5", "-5", "soon"])(
    "what is no number of seconds is taken for one: %s",
    async (retryAfter) => {
      const { url } = await serve(answer(503, "", { "retry-after": retryAfter }), fine);
      const outcomes: unknown[] = [];
      const observer = { attemptEnded: ({ end }: { end: unknown }) => outcomes.push(end) };
      await retrying({ observer }).send(url);
      expect(outcomes[0]).toEqual({ kind: "rejected", status: 503 });
    },
  );

  test("all clients that fail together come back together", async () => {
    const { url } = await serve(busy);
    const waits = await Promise.all(
      Array.from({ length: 50 }, async () => {
        const { clock, send } = retrying({ policy: vetted({ attemptsMax: 2, limitMs: Infinity }) });
        await send(url);
        return clock.waitsMs[0];
      }),
    );
    expect(new Set(waits).size).toBeGreaterThan(30);
  });

  test("six attempts without a budget: a server that is down gets six times the load", async () => {
    const { url, received } = await serve(busy);
    const { send } = retrying({ policy: vetted({ limitMs: Infinity }) });
    for (let n = 0; n < 100; n++) await send(url);
    expect(received.length).toBeLessThanOrEqual(110);
  });

  test("an answer whose body breaks off is asked for again by its half: here the reader hears of it", async () => {
    const { url, received } = await serve((response) => {
      response.writeHead(200, { "content-length": "100" }).write("half", () => {
        response.socket?.resetAndDestroy();
      });
    });
    await expect(retrying().send(url)).rejects.toThrow();
    expect(received).toHaveLength(1);
  });

  test("undici #3288, by default: the last answer is replaced by an error, and its body is gone", async () => {
    const { url } = await serve(answer(503, "the reason"));
    expect(await retrying().send(url)).toMatchObject({ status: 503, text: "the reason" });
  });
});

test.each([
  ["a reset connection", reset],
  ["a 503", busy],
])(
  "axios-retry 4.5.0, fetch-retry 6.0.0: a POST is sent again after %s",
  async (_what, failure) => {
    const { url, received } = await serve(failure);
    await retrying()
      .send(url, { method: "POST", body: "pay" })
      .catch(() => {});
    expect(received).toHaveLength(1);
  },
);

test("p-retry 9.0.0 around got 16.1.0: 11 times 3 attempts are 33", async () => {
  const { url, received } = await serve(busy);
  const inner = retrying();
  await retrying({ policy: waiting(11) }, inner.dispatcher).send(url);
  expect(received).toHaveLength(11);
});
