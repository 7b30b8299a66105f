import diagnostics from "node:diagnostics_channel";
import { setImmediate } from "node:timers/promises";
import { describe, expect, onTestFinished, test } from "vitest";
import {
  createFetch,
  HttpError,
  okOrThrow,
  RetryStopped,
  retryFetch,
  stopOf,
} from "../../src/fetch/index.ts";
import { createRetry } from "../../src/index.ts";
import { policyOf, waiting } from "../retry/client.ts";
import { VirtualClock } from "../virtual-clock.ts";
import { answer, busy, fine, reset, SkippingClock, serve } from "./server.ts";

const clock = () => new SkippingClock();
const failing = (policy = waiting(3)) => createFetch({ policy, clock: clock() });

describe("a retrying fetch", () => {
  test("is a fetch", async () => {
    const { url, received } = await serve(answer(201, "made", { "x-made": "1" }));
    const drop: typeof fetch = retryFetch;
    const response = await drop(new URL(url), { method: "POST", body: "it" });
    expect([response.status, response.headers.get("x-made")]).toEqual([201, "1"]);
    expect(await response.text()).toBe("made");
    expect(await received[0].body).toBe("it");
  });

  test.each([
    ["a busy server", busy],
    ["a reset connection", reset],
  ])("tries again after %s", async (_what, first) => {
    const { url, received } = await serve(first, first, fine);
    const response = await failing()(url);
    expect(await response.text()).toBe("fine");
    expect(received).toHaveLength(3);
  });

  test("waits as the server asks, and longer: the default policy's jitter is above the hint", async () => {
    const { url } = await serve(answer(429, "", { "retry-after": "7" }), fine);
    const time = clock();
    await createFetch({ clock: time })(url);
    expect(time.waitsMs).toHaveLength(1);
    expect(time.waitsMs[0]).toBeGreaterThanOrEqual(7000);
    expect(time.waitsMs[0]).toBeLessThan(11_000);
  });

  test("waits for a RateLimit to be whole again", async () => {
    const { url } = await serve(answer(429, "", { ratelimit: '"default";r=0;t=30' }), fine);
    const time = clock();
    await createFetch({ clock: time })(url);
    expect(time.waitsMs[0]).toBeGreaterThanOrEqual(30_000);
  });

  test.each([
    [304, "a cached answer"],
    [404, "no such thing"],
    [501, "no such method"],
    [508, "please stop"],
    [413, "too large"],
  ])("takes %d for what it is: %s", async (status) => {
    const { url, received } = await serve(answer(status));
    const response = await failing()(url);
    expect(response.status).toBe(status);
    expect(received).toHaveLength(1);
  });

  test.each(["x-should-retry", "stripe-should-retry"])("stops at `%s: false`", async (name) => {
    const { url, received } = await serve(answer(503, "", { [name]: "false" }));
    expect((await failing()(url)).status).toBe(503);
    expect(received).toHaveLength(1);
  });

  test("passes on what the caller says of the request", async () => {
    const { url, received } = await serve(answer(302, "", { location: "/there" }), fine);
    const response = await failing()(url, { redirect: "manual", headers: [["x-own", "1"]] });
    expect(response.status).toBe(302);
    expect(received[0].headers["x-own"]).toBe("1");
  });

  test("sends with another fetch where it is told so", async () => {
    const sent: unknown[] = [];
    const fetch = createFetch({
      fetch: async (input, init) => {
        sent.push(input, init?.method);
        return new Response("own");
      },
    });
    const response = await fetch("https://api.example.com/", { method: "PUT" });
    expect(await response.text()).toBe("own");
    expect(sent).toEqual(["https://api.example.com/", "PUT"]);
  });

  test("has limits of its own for each call", async () => {
    const { url, received } = await serve(busy);
    const fetch = createFetch({ policy: waiting(9), clock: clock() });
    await fetch(url, { retry: { deadlineMs: 250 } });
    expect(received).toHaveLength(3);
  });
});

describe("a call that is given up ends as fetch would have", () => {
  test("with the last answer, its body unread", async () => {
    const { url } = await serve(busy, busy, answer(500, "broken", { "x-which": "last" }));
    const response = await failing()(url);
    expect([response.status, response.url]).toEqual([500, url]);
    expect(response.headers.get("x-which")).toBe("last");
    expect(await response.text()).toBe("broken");
  });

  test("with that answer also when the wait for a retry had begun", async () => {
    const { url, received } = await serve(answer(503, "busy".repeat(1000)));
    const policy = policyOf(
      () => ({ do: "wait", delayMs: 10 }),
      () => ({ do: "stop", why: "budget" }),
    );
    const response = await failing(policy)(url);
    expect([response.status, response.url]).toEqual([503, url]);
    expect(await response.text()).toBe("busy".repeat(1000));
    expect(received).toHaveLength(1);
  });

  test("with that answer also when its body is slower than our patience with bodies", async () => {
    let finish = () => {};
    const { url } = await serve((response) => {
      response.writeHead(503).write("still ");
      finish = () => response.end("busy");
    });
    const policy = policyOf(
      () => ({ do: "wait", delayMs: 10 }),
      () => ({ do: "stop", why: "budget" }),
    );
    const standing = new VirtualClock();
    const call = createFetch({ policy, clock: standing })(url);
    while (standing.pending < 2) await setImmediate();
    await standing.advance(10);
    const response = await call;
    await standing.advance(60_000);
    finish();
    expect(await response.text()).toBe("still busy");
  });

  test("with the last error, which is fetch's own", async () => {
    const { url } = await serve(busy, reset);
    const error = await failing(waiting(2))(url).catch((error) => error);
    expect(error).toBeInstanceOf(TypeError);
    expect(error.message).toBe("fetch failed");
  });

  test("with fetch's own words for what is no request", async () => {
    const own = await fetch("not a url").catch((error) => error);
    const error = await failing()("not a url").catch((error) => error);
    expect([error.name, error.message]).toEqual([own.name, own.message]);
  });

  test("and stopOf tells the whole story of either", async () => {
    const { url } = await serve(busy, busy, busy, reset);
    const fetch = failing();
    const response = await fetch(url);
    expect(stopOf(response)).toMatchObject({ why: "attempts", attempts: 3, elapsedMs: 200 });
    expect(stopOf(response)?.causes).toHaveLength(3);
    expect(stopOf(response)?.cause).toBeInstanceOf(HttpError);
    const error = await fetch(url).catch((error) => error);
    expect(stopOf(error)).toMatchObject({ why: "attempts", attempts: 3, cause: error });
    expect(stopOf(new Response("fine"))).toBeUndefined();
  });

  test("of a call that may not be repeated here too, and an outer retry may repeat it", async () => {
    let sent = 0;
    const server = async () => new Response(null, { status: ++sent < 3 ? 503 : 200 });
    const fetch = createFetch({ policy: waiting(3), clock: new SkippingClock(), fetch: server });
    const response = await fetch("https://api.example.com/", { method: "POST" });
    expect(stopOf(response)).toMatchObject({ why: "not-retryable", attempts: 1 });
    const retry = createRetry({ policy: waiting(3), clock: new SkippingClock() });
    const post = async () => okOrThrow(await fetch("https://api.example.com/", { method: "POST" }));
    expect((await retry(post)).status).toBe(200);
    expect(sent).toBe(3);
  });

  test("unless nothing was sent: then only RetryStopped is left to tell it", async () => {
    const policy = {
      name: "no",
      initial: {},
      decide: () => ({ do: "stop", why: "breaker" }) as const,
    };
    const error = await createFetch({ policy })("https://api.example.com/").catch((error) => error);
    expect(error).toMatchObject({ name: "RetryStopped", why: "breaker", attempts: 0 });
  });
});

describe('with `giveUp: "error"`', () => {
  const fetch = () => createFetch({ policy: waiting(2), clock: clock(), giveUp: "error" });

  test.each([
    [busy, "attempts", "Answered 503 Service Unavailable"],
    [answer(404), "not-retryable", "Answered 404 Not Found"],
    [reset, "attempts", "fetch failed"],
  ])("it rejects with RetryStopped", async (last, why, message) => {
    const { url } = await serve(last);
    const error = await fetch()(url).catch((error) => error);
    expect(error).toBeInstanceOf(RetryStopped);
    expect(error.why).toBe(why);
    expect(error.cause.message).toBe(message);
  });
});

test('with `giveUp: "error"` nobody reads an answer, so its body is let go', async () => {
  const response = new Response("gone", { status: 404 });
  const call = createFetch({ fetch: async () => response, giveUp: "error" })("http://a.example/");
  await expect(call).rejects.toMatchObject({ cause: { response } });
  expect(response.bodyUsed).toBe(true);
});

test("rejected answers give their connection back for the retry", async () => {
  const { url, connections } = await serve(answer(503, "busy".repeat(5000)), busy, fine);
  const time = clock();
  const answersRead = countAnswersRead();
  const patient = {
    nowMs: () => time.nowMs(),
    timeout: () => time.timeout(),
    // Long enough to read what was answered.
    sleep: async (delayMs: number) => {
      await answersRead(time.waitsMs.length + 1);
      await time.sleep(delayMs);
    },
  };
  const response = await createFetch({ policy: waiting(3), clock: patient })(url);
  expect(await response.text()).toBe("fine");
  expect(connections()).toBe(1);
});

/** Resolves when so many answers of this process have come whole, which nobody does who reads none. */
function countAnswersRead(): (count: number) => Promise<void> {
  const ENDED = "undici:request:trailers";
  let read = 0;
  const onRead = () => read++;
  diagnostics.subscribe(ENDED, onRead);
  onTestFinished(() => {
    diagnostics.unsubscribe(ENDED, onRead);
  });
  return async (count) => {
    while (read < count) await setImmediate();
  };
}
