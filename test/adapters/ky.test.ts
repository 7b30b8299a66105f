import ky, { HTTPError } from "ky";
import { describe, expect, test } from "vitest";
import { vetted } from "../../policies/index.ts";
import { forKy, stopOf } from "../../src/adapters/index.ts";
import type { FetchOptions } from "../../src/fetch/index.ts";
import { createRetry } from "../../src/index.ts";
import { answer, busy, fine, reset, SkippingClock, serve, silent } from "../fetch/server.ts";
import { listeners, waiting, watched } from "../retry/client.ts";
import { turn, VirtualClock } from "../virtual-clock.ts";

function retrying(options: FetchOptions = {}) {
  const clock = new SkippingClock();
  return { clock, client: ky.create(forKy({ policy: waiting(3), clock, ...options })) };
}

describe("ky with a policy", () => {
  test("retries until it is answered, and tells the server which attempt it is", async () => {
    const { url, received } = await serve(busy, reset, fine);
    const { clock, client } = retrying();
    expect(await client(url).text()).toBe("fine");
    expect(clock.waitsMs).toEqual([100, 100]);
    expect(received.map(({ headers }) => headers["retry-attempt"])).toEqual(["1", "2", "3"]);
  });

  test("ends with ky's own error, and the story with it", async () => {
    const { url, received } = await serve(busy);
    const error = await retrying()
      .client(url)
      .catch((error) => error);
    expect(error).toBeInstanceOf(HTTPError);
    expect(error.data).toBe("busy");
    expect(stopOf(error)).toMatchObject({ why: "attempts", attempts: 3 });
    expect(received).toHaveLength(3);
  });

  test("ends with ky's own error when nobody answers", async () => {
    const { url, close } = await serve(fine);
    close();
    const error = await retrying()
      .client(url)
      .catch((error) => error);
    expect(error.name).toBe("NetworkError");
    expect(stopOf(error)).toMatchObject({ why: "attempts", attempts: 3 });
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

  test("sends a POST once, and what can be sent again, whole", async () => {
    const first = await serve(busy, fine);
    await retrying()
      .client.post(first.url, { json: { pay: 5 } })
      .catch(() => {});
    expect(first.received).toHaveLength(1);
    const second = await serve(busy, fine);
    await retrying().client.put(second.url, { json: { a: 5 } });
    const bodies = await Promise.all(second.received.map(({ body }) => body));
    expect(bodies).toEqual(['{"a":5}', '{"a":5}']);
  });

  test("is aborted at once in a wait", async () => {
    const { url, received } = await serve(busy);
    const clock = new VirtualClock();
    const controller = new AbortController();
    const { signal } = controller;
    const call = watched(retrying({ clock }).client(url, { signal }));
    while (clock.pending === 0) await turn();
    const before = listeners(signal);
    controller.abort();
    while (call.state === "pending") await turn();
    expect(call.error).toMatchObject({ name: "AbortError" });
    expect(listeners(signal)).toBeLessThanOrEqual(before);
    await clock.advance(5000);
    expect(received).toHaveLength(1);
  });

  test("limits each attempt", async () => {
    const { url, received, request } = await serve(silent, fine);
    const clock = new VirtualClock();
    const call = retrying({ clock, timeoutMs: 500 }).client(url).text();
    await request(1);
    await clock.advance(500);
    await clock.advance(100);
    expect(await call).toBe("fine");
    expect(received).toHaveLength(2);
  });

  test("shares one budget among all calls, which successes fill", async () => {
    const down = await serve(busy);
    const well = await serve(fine);
    const policy = vetted({ tokensMax: 5, tokensInitial: 5, limitMs: Infinity });
    const { client } = retrying({ policy, budgetOf: () => "all" });
    await Promise.allSettled(Array.from({ length: 50 }, () => client(down.url)));
    expect(down.received).toHaveLength(55);
    for (let n = 0; n < 10; n++) await client(well.url);
    await client(down.url).catch(() => {});
    expect(down.received).toHaveLength(57);
  });

  test("within an outer retry makes one attempt", async () => {
    const { url, received } = await serve(busy);
    const { client } = retrying();
    const retry = createRetry({ policy: waiting(3), clock: new SkippingClock() });
    const call = retry(() => client(url).text());
    await expect(call).rejects.toMatchObject({ why: "attempts", attempts: 3 });
    expect(received).toHaveLength(3);
  });

  test.each([2, { limit: 2, retryOnTimeout: true, shouldRetry: () => true }])(
    "leaves nothing to ky, even by a request's own `retry`: %j",
    async (retry) => {
      const { url, received } = await serve(busy);
      const error = await retrying()
        .client(url, { retry })
        .catch((error) => error);
      expect(error.response.status).toBe(503);
      expect(received).toHaveLength(3);
    },
  );

  test("but what a hook asks for is sent again", async () => {
    const { url, received } = await serve(answer(401), busy, fine);
    const { client } = retrying();
    const signedIn = client.extend({
      retry: 1,
      hooks: {
        afterResponse: [
          ({ response }) => (response.status === 401 ? ky.retry({ delay: 1 }) : response),
        ],
      },
    });
    expect(await signedIn(url).text()).toBe("fine");
    expect(received).toHaveLength(3);
  });
});
