/** Retries around retries: three times three attempts must not be nine. */
import { afterEach, describe, expect, test, vi } from "vitest";
import type { Policy } from "../../src/policy.ts";
import { waiting } from "../retry/client.ts";
import { VirtualClock } from "../virtual-clock.ts";
import { SkippingClock } from "./server.ts";

afterEach(() => {
  vi.unstubAllGlobals();
  vi.resetModules();
});

const URL_THERE = "https://api.example.com/";

/** The package anew, as in a process of its own, and a server that is busy or not there. */
async function world({ hasContext = true, isThere = true } = {}) {
  vi.resetModules();
  if (!hasContext) vi.stubGlobal("process", undefined);
  const { createRetry } = await import("../../src/index.ts");
  const { createFetch, okOrThrow } = await import("../../src/fetch/index.ts");
  let sent = 0;
  const server = async () => {
    sent++;
    if (!isThere) throw new TypeError("fetch failed");
    return new Response("busy", { status: 503 });
  };
  const options = () => ({ policy: waiting(3), clock: new SkippingClock() });
  const fetch = createFetch({ ...options(), fetch: server });
  vi.unstubAllGlobals();
  return {
    createFetch,
    fetch,
    server,
    options,
    okOrThrow,
    retry: createRetry(options()),
    sent: () => sent,
  };
}

describe.each([
  ["with an asynchronous context, as in Node", true],
  ["without one, as in a browser", false],
])("%s", (_where, hasContext) => {
  test.each([
    ["busy", true],
    ["not there", false],
  ])(
    "a fetch within a retry sends three requests to a server that is %s",
    async (_how, isThere) => {
      const { fetch, retry, okOrThrow, sent } = await world({ hasContext, isThere });
      await retry(async ({ signal }) => okOrThrow(await fetch(URL_THERE, { signal }))).catch(
        () => {},
      );
      expect(sent()).toBe(3);
    },
  );

  test("and so it does when the signal is not handed on", async () => {
    const { fetch, retry, okOrThrow, sent } = await world({ hasContext });
    await retry(async () => okOrThrow(await fetch(URL_THERE))).catch(() => {});
    expect(sent()).toBe(3);
  });

  test("and when the error is not there", async () => {
    const { fetch, retry, sent } = await world({ hasContext, isThere: false });
    await retry(() => fetch(URL_THERE)).catch(() => {});
    expect(sent()).toBe(3);
  });

  test("a fetch that sends with a fetch that retries sends three", async () => {
    const { createFetch, fetch, options, sent } = await world({ hasContext });
    const { signal } = new AbortController();
    const outer = createFetch({ ...options(), fetch });
    await outer(URL_THERE, { signal });
    expect(sent()).toBe(3);
    await createFetch({ ...options(), fetch: outer })(URL_THERE);
    expect(sent()).toBe(6);
  });

  test("and so it does when no headers tell", async () => {
    const { createFetch, server, options } = await world({ hasContext });
    const attempts: number[] = [];
    const observer = { callEnded: (event: { attempts: number }) => attempts.push(event.attempts) };
    const silently = { ...options(), attemptHeaders: "never", observer } as const;
    const { signal } = new AbortController();
    const inner = createFetch({ ...silently, fetch: server });
    await createFetch({ ...silently, fetch: inner })(URL_THERE, { signal });
    expect(attempts).toEqual([1, 1, 1, 3]);
  });

  test("all retries are the outer layer's, and the server is told of them", async () => {
    const { createFetch, server, options, okOrThrow, retry } = await world({ hasContext });
    const seen: (string | null)[] = [];
    const fetch = createFetch({
      ...options(),
      fetch: (_input, init) => {
        seen.push(new Headers(init?.headers).get("retry-attempt"));
        return server();
      },
    });
    const call = retry(async ({ signal }) => okOrThrow(await fetch(URL_THERE, { signal })));
    await expect(call).rejects.toMatchObject({ why: "attempts", attempts: 3 });
    expect(seen).toEqual(["1", "2", "3"]);
  });

  test('with `nested: "retry"` all are the inner layer\'s, which the outer takes for final', async () => {
    const { createFetch, server, options, okOrThrow, retry, sent } = await world({ hasContext });
    const fetch = createFetch({ ...options(), fetch: server, nested: "retry" });
    const call = retry(async ({ signal }) => okOrThrow(await fetch(URL_THERE, { signal })));
    await expect(call).rejects.toMatchObject({ why: "not-retryable", attempts: 1 });
    expect(sent()).toBe(3);
  });

  test('with `giveUp: "error"` the outer layer reads what happened, and retries', async () => {
    const { createFetch, server, options, retry, sent } = await world({ hasContext });
    const fetch = createFetch({ ...options(), fetch: server, giveUp: "error" });
    const call = retry(({ signal }) => fetch(URL_THERE, { signal }));
    await expect(call).rejects.toMatchObject({ why: "attempts", attempts: 3 });
    expect(sent()).toBe(3);
  });

  test("a request that carries another layer's attempt is sent once, and carries it on", async () => {
    const { createFetch, options, server, sent } = await world({ hasContext });
    let seen: string | null = null;
    const fetch = createFetch({
      ...options(),
      fetch: (_input, init) => {
        seen = new Headers(init?.headers).get("retry-attempt");
        return server();
      },
    });
    await fetch(URL_THERE, { headers: { "retry-attempt": "2" } });
    expect(sent()).toBe(1);
    expect(seen).toBe("2");
  });

  test("a call beside a retry, and one after it, retries for itself", async () => {
    const { fetch, retry, sent } = await world({ hasContext });
    let later = () => {};
    const woken = new Promise<void>((resolve) => {
      later = resolve;
    });
    let background: Promise<unknown> | undefined;
    const signal = await retry((attempt) => {
      background = woken.then(() => fetch(URL_THERE));
      return attempt.signal;
    });
    await fetch(URL_THERE);
    expect(sent()).toBe(3);
    later();
    await background;
    expect(sent()).toBe(6);
    await fetch(URL_THERE, { signal });
    expect(sent()).toBe(9);
  });
});

test("in Node all retries are the outer layer's also when no signal is handed on", async () => {
  const { createFetch, server, options, okOrThrow, retry } = await world();
  const attempts: number[] = [];
  const observer = { callEnded: (event: { attempts: number }) => attempts.push(event.attempts) };
  const fetch = createFetch({ ...options(), observer, fetch: server });
  const call = retry(async () => okOrThrow(await fetch(URL_THERE)));
  await expect(call).rejects.toMatchObject({ why: "attempts", attempts: 3 });
  expect(attempts).toEqual([1, 1, 1]);
});

test("in Node also the first `retryFetch` of a process is seen within an attempt", async () => {
  vi.resetModules();
  const { createRetry } = await import("../../src/index.ts");
  const { retryFetch } = await import("../../src/fetch/index.ts");
  const server = vi.fn(async () => new Response("busy", { status: 503 }));
  vi.stubGlobal("fetch", server);
  const retry = createRetry({ policy: waiting(3), clock: new SkippingClock() });
  const call = retry(async () => {
    const { status } = await retryFetch(URL_THERE);
    throw Object.assign(new Error("an error of one's own"), { status });
  });
  await expect(call).rejects.toMatchObject({ why: "attempts", attempts: 3 });
  expect(server).toHaveBeenCalledTimes(3);
});

describe("the `Idempotency-Key` of a POST within an outer retry", () => {
  async function keysOf(own: object, headers: Record<string, string> = {}) {
    const { createFetch, options, okOrThrow, retry } = await world();
    const keys: (string | null)[] = [];
    const fetch = createFetch({
      ...options(),
      ...own,
      fetch: async (_input, init) => {
        keys.push(new Headers(init?.headers).get("idempotency-key"));
        return new Response("busy", { status: 503 });
      },
    });
    const post = { method: "POST", headers, retry: { repeatable: true } };
    const call = retry(async () => okOrThrow(await fetch(URL_THERE, post)));
    await call.catch(() => {});
    return keys;
  }

  test.each(["when-needed", "always"])(
    "is not made, with %s, for each attempt would have another",
    async (idempotencyKey) => {
      expect(await keysOf({ idempotencyKey })).toEqual([null, null, null]);
    },
  );

  test("is the one made outside", async () => {
    const headers = { "idempotency-key": "order-7" };
    expect(await keysOf({}, headers)).toEqual(Array(3).fill("order-7"));
  });

  test('with `nested: "retry"` is one for the inner layer\'s attempts', async () => {
    const keys = await keysOf({ nested: "retry" });
    expect(keys).toHaveLength(3);
    expect(keys[0]).toMatch(/^.{36}$/);
    expect(new Set(keys).size).toBe(1);
  });
});

/** Hedges after 30 ms, and gives up when all have failed. */
const hedger: Policy = {
  name: "hedger",
  initial: {},
  hedges: true,
  decide: (_state, { kind }) => {
    if (kind === "failure") return { do: "stop", why: "attempts" };
    return kind === "hedge" ? { do: "send" } : { do: "send", hedgeAfterMs: 30 };
  },
};

describe.each([
  ["by the asynchronous context", false],
  ["by the signal handed on", true],
])("an attempt with others beside it, %s,", (_how, isHandedOn) => {
  async function hedged() {
    const { createFetch, server, options } = await world({ hasContext: !isHandedOn });
    const { createRetry } = await import("../../src/index.ts");
    const { hedging } = await import("../../src/retry/hedging.ts");
    const sent: string[] = [];
    const inner = createFetch({
      ...options(),
      fetch: (input, init) => {
        const { pathname } = new URL(String(input));
        sent.push(`${pathname} ${new Headers(init?.headers).get("retry-attempt")}`);
        return server();
      },
    });
    const ask = (path: string, signal: AbortSignal) =>
      inner(`${URL_THERE}${path}`, isHandedOn ? { signal } : {}).catch(() => {});
    const clock = new VirtualClock();
    return { clock, sent, ask, retry: createRetry({ policy: hedger, hedging, clock }) };
  }

  test("tells its own number, not the newest attempt's", async () => {
    const { clock, sent, ask, retry } = await hedged();
    const call = retry(async ({ attempt, signal }) => {
      await clock.sleep(60);
      await ask(`of-${attempt}`, signal);
    });
    await clock.advance(100);
    await call;
    expect(sent).toEqual(["/of-1 1", ...(isHandedOn ? [] : ["/of-2 2"])]);
  });

  test("makes no retries of its own when it has lost and goes on", async () => {
    const { clock, sent, ask, retry } = await hedged();
    let going: Promise<unknown> | undefined;
    const call = retry(({ attempt, signal }) => {
      if (attempt === 2) return "won";
      going = clock.sleep(80).then(() => ask("loser", signal));
      return going;
    });
    await clock.advance(40);
    expect(await call).toBe("won");
    await clock.advance(100);
    await going;
    // With an aborted signal nothing is sent at all.
    expect(sent).toEqual(isHandedOn ? [] : ["/loser 1"]);
  });
});

test("an attempt that timed out makes no retries of its own, also when its call is over", async () => {
  const { fetch, sent } = await world();
  const { createRetry } = await import("../../src/index.ts");
  const clock = new VirtualClock();
  const retry = createRetry({ policy: waiting(1), clock, timeoutMs: 50 });
  let going: Promise<unknown> | undefined;
  const call = retry(() => {
    going = clock.sleep(80).then(() => fetch(URL_THERE));
    return going;
  }).catch(({ why }) => why);
  await clock.advance(60);
  expect(await call).toBe("attempts");
  await clock.advance(100);
  await going;
  expect(sent()).toBe(1);
});

test("an outer retry may repeat a POST that the inner layer does not", async () => {
  const { fetch, retry, okOrThrow, sent } = await world();
  const call = retry(async () => okOrThrow(await fetch(URL_THERE, { method: "POST" })));
  await expect(call).rejects.toMatchObject({ why: "attempts" });
  expect(sent()).toBe(3);
});

test.each([
  ["error", () => Promise.reject(ALWAYS_THE_SAME)],
  ["answer", async () => BUSY_AGAIN],
])(
  "a mocked fetch whose %s is always the same object is retried in every call",
  async (_what, fetch) => {
    const { createFetch, options } = await world();
    const sending = vi.fn(fetch);
    const retrying = createFetch({ ...options(), fetch: sending });
    for (let call = 1; call <= 3; call++) {
      await retrying(URL_THERE).catch(() => {});
      expect(sending).toHaveBeenCalledTimes(3 * call);
    }
  },
);

const ALWAYS_THE_SAME = new TypeError("fetch failed");
const BUSY_AGAIN = new Response("busy", { status: 503 });

test("a proxy that says it has retried is not asked again", async () => {
  const { createFetch, options } = await world();
  let sent = 0;
  const fetch = createFetch({
    ...options(),
    fetch: async () => {
      sent++;
      return new Response(null, { status: 503, headers: { "x-envoy-attempt-count": "2" } });
    },
  });
  expect((await fetch(URL_THERE)).status).toBe(503);
  expect(sent).toBe(1);
});
