import pRetry, { AbortError } from "p-retry";
import { describe, expect, test } from "vitest";
import { vetted } from "../../policies/index.ts";
import { forPRetry, type StepsOptions, stopOf } from "../../src/adapters/index.ts";
import { createFetch, okOrThrow } from "../../src/fetch/index.ts";
import { createRetry, RetryStopped } from "../../src/index.ts";
import { answer, busy, fine, reset, SkippingClock, serve } from "../fetch/server.ts";
import { listeners, waiting, watched } from "../retry/client.ts";
import { turn, VirtualClock } from "../virtual-clock.ts";

function retrying(options: StepsOptions = {}) {
  const clock = new SkippingClock();
  return { clock, retrying: forPRetry({ policy: waiting(3), clock, ...options }) };
}

const get = (url: string) => async () => okOrThrow(await fetch(url));

describe("p-retry with a policy", () => {
  test("retries until it is answered", async () => {
    const { url, received } = await serve(busy, reset, fine);
    const { clock, retrying: r } = retrying();
    expect((await pRetry(...r(get(url)))).status).toBe(200);
    expect(received).toHaveLength(3);
    expect(clock.waitsMs).toEqual([100, 100]);
  });

  test("ends with the last error, and the story with it", async () => {
    const { url, received } = await serve(busy);
    const error = await pRetry(...retrying().retrying(get(url))).catch((error) => error);
    expect(error).toMatchObject({ name: "HttpError", status: 503 });
    expect(stopOf(error)).toMatchObject({ why: "attempts", attempts: 3, cause: error });
    expect(received).toHaveLength(3);
  });

  test("honours Retry-After, and is never early", async () => {
    const { url } = await serve(answer(503, "", { "retry-after": "7" }), fine);
    const policy = vetted({ jitterRatio: 0, delayBaseMs: 0, limitMs: 1e9 });
    const { clock, retrying: r } = retrying({ policy });
    await pRetry(...r(get(url)));
    expect(clock.waitsMs).toEqual([7000]);
  });

  test("hands on which attempt it is", async () => {
    const numbers: number[] = [];
    const call = async (attempt: number) => {
      numbers.push(attempt);
      throw Object.assign(new Error("busy"), { status: 503 });
    };
    await pRetry(...retrying().retrying(call)).catch(() => {});
    expect(numbers).toEqual([1, 2, 3]);
  });

  test("shares one budget among all calls, which successes fill", async () => {
    const { url, received } = await serve(busy);
    const { retrying: r } = retrying({
      policy: vetted({ tokensMax: 5, tokensInitial: 5, limitMs: Infinity }),
    });
    const storm = Array.from({ length: 100 }, () => pRetry(...r(get(url))));
    await Promise.allSettled(storm);
    expect(received).toHaveLength(105);
    const well = await serve(fine);
    for (let n = 0; n < 10; n++) await pRetry(...r(get(well.url)));
    await pRetry(...r(get(url))).catch(() => {});
    expect(received).toHaveLength(107);
  });

  test("is aborted at once in a wait", async () => {
    const { url, received } = await serve(busy);
    const clock = new VirtualClock();
    const { retrying: r } = retrying({ clock });
    const controller = new AbortController();
    const { signal } = controller;
    const call = watched(pRetry(...r(get(url), { signal })));
    while (clock.pending === 0) await turn();
    const reason = new Error("the user left");
    controller.abort(reason);
    await turn();
    expect(call.error).toBe(reason);
    expect([clock.pending, listeners(signal), received.length]).toEqual([0, 0, 1]);
  });

  test("is refused by the policy before it is made", async () => {
    const policy = { ...waiting(3), decide: () => ({ do: "stop", why: "breaker" }) as const };
    const call = pRetry(...retrying({ policy }).retrying(async () => "made"));
    await expect(call).rejects.toBeInstanceOf(RetryStopped);
  });

  test("does not retry what p-retry does not, and the call is over", async () => {
    const ends: string[] = [];
    const observer = { callEnded: ({ why }: { why: string }) => ends.push(why) };
    const { retrying: r } = retrying({ observer });
    const bug = new TypeError("x is not a function");
    await expect(pRetry(...r(() => Promise.reject(bug)))).rejects.toBe(bug);
    const reason = new Error("enough");
    await expect(pRetry(...r(() => Promise.reject(new AbortError(reason))))).rejects.toBe(reason);
    expect(ends).toEqual(["not-retryable", "not-retryable"]);
  });

  test.each([
    new TypeError("mine"),
    new AbortError("enough"),
    "no error",
    Object.assign(new TypeError("mine"), { code: "ECONNRESET" }),
  ])("nor when the policy would, and nothing is left of the call: %s", async (thrown) => {
    const ends: string[] = [];
    const observer = { callEnded: ({ why }: { why: string }) => ends.push(why) };
    const { retrying: r } = retrying({ observer, shouldRetry: () => true });
    const { signal } = new AbortController();
    let attempts = 0;
    const fail = async () => {
      attempts++;
      throw thrown;
    };
    await expect(pRetry(...r(fail, { signal }))).rejects.toThrow();
    await expect(pRetry(...r(fail, { signal, shouldRetry: () => true }))).rejects.toThrow();
    expect(attempts).toBe(2);
    expect(ends).toEqual(["not-retryable", "not-retryable"]);
    expect(listeners(signal)).toBe(0);
  });

  test("asks `shouldRetry`, of the call before the client's", async () => {
    const { retrying: r } = retrying({ shouldRetry: () => true });
    let attempts = 0;
    const fail = async () => {
      attempts++;
      throw new Error("odd");
    };
    await pRetry(...r(fail)).catch(() => {});
    await pRetry(...r(fail, { shouldRetry: () => false })).catch(() => {});
    expect(attempts).toBe(4);
    expect(() => r(fail, { shouldRetry: 5 as never })).toThrow("`shouldRetry`");
  });

  test("within an outer retry makes one attempt", async () => {
    const { url, received } = await serve(busy);
    const { retrying: r } = retrying();
    const outer = createRetry({ policy: waiting(3), clock: new SkippingClock() });
    const call = outer(() => pRetry(...r(get(url))));
    await expect(call).rejects.toMatchObject({ why: "attempts", attempts: 3 });
    expect(received).toHaveLength(3);
  });

  test("is the outer layer of a fetch within it: three times three attempts are three", async () => {
    const { url, received } = await serve(busy);
    const inner = createFetch({ policy: waiting(3), clock: new SkippingClock() });
    const call = async () => {
      const { status } = await inner(url);
      throw Object.assign(new Error("no"), { status });
    };
    await pRetry(...retrying().retrying(call)).catch(() => {});
    expect(received.map(({ headers }) => headers["retry-attempt"])).toEqual(["1", "2", "3"]);
  });
});
