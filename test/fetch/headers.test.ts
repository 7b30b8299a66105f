import fc from "fast-check";
import { afterEach, describe, expect, test, vi } from "vitest";
import { createFetch, type FetchOptions, readAttempt } from "../../src/fetch/index.ts";
import { waiting } from "../retry/client.ts";
import { SkippingClock } from "./server.ts";

afterEach(() => vi.unstubAllGlobals());

/** A fetch over a server that is always busy, and the value of a header in all it sent. */
function sending(options: FetchOptions = {}) {
  const sent: Headers[] = [];
  const fetch = createFetch({
    policy: waiting(3),
    clock: new SkippingClock(),
    fetch: async (_input, init) => {
      sent.push(new Headers(init?.headers));
      return new Response(null, { status: 503 });
    },
    ...options,
  });
  return { fetch, values: (name: string) => sent.map((headers) => headers.get(name)) };
}

const URL_THERE = "https://api.example.com/";

describe("attempts say", () => {
  test("which of its call's they are, from 1", async () => {
    const { fetch, values } = sending();
    await fetch(URL_THERE);
    expect(values("retry-attempt")).toEqual(["1", "2", "3"]);
  });

  test("how long their sender waits: their timeout, and at the end the rest of the call", async () => {
    const { fetch, values } = sending({ timeoutMs: 250.7, deadlineMs: 400 });
    await fetch(URL_THERE);
    expect(values("request-timeout-ms")).toEqual(["251", "251", "200"]);
  });

  test("that time rounded down, as a promise has to be, but never as none", async () => {
    const { fetch, values } = sending({ policy: waiting(1), tickMs: 0.1 });
    await fetch(URL_THERE, { retry: { timeoutMs: 250.7 } });
    await fetch(URL_THERE, { retry: { timeoutMs: 0.3 } });
    expect(values("request-timeout-ms")).toEqual(["250", "1"]);
  });

  test("no such time where there is no limit", async () => {
    const { fetch, values } = sending();
    await fetch(URL_THERE);
    expect(values("request-timeout-ms")).toEqual([null, null, null]);
  });

  test("nothing when told so", async () => {
    const { fetch, values } = sending({ attemptHeaders: "never", timeoutMs: 250 });
    await fetch(URL_THERE);
    expect(values("retry-attempt")).toEqual([null, null, null]);
    expect(values("request-timeout-ms")).toEqual([null, null, null]);
  });

  test("what the caller says of the request, besides, and the caller's headers stay as they are", async () => {
    const { fetch, values } = sending();
    const headers = new Headers({ "x-own": "1" });
    await fetch(URL_THERE, { headers });
    expect(values("x-own")).toEqual(["1", "1", "1"]);
    expect([...headers.keys()]).toEqual(["x-own"]);
  });
});

describe("in a browser", () => {
  const page = { origin: "https://app.example.com", href: "https://app.example.com/page" };

  test.each([
    ["/items", "1"],
    ["https://app.example.com/items", "1"],
    [URL_THERE, null],
    ["http://app.example.com/items", null],
  ])(
    "attempts to %s say: %s, for another origin would have to be asked first",
    async (url, says) => {
      vi.stubGlobal("location", page);
      const { fetch, values } = sending({ policy: waiting(1) });
      await fetch(url);
      expect(values("retry-attempt")).toEqual([says]);
    },
  );

  test('and with "always" they say it to all', async () => {
    vi.stubGlobal("location", page);
    const { fetch, values } = sending({ policy: waiting(1), attemptHeaders: "always" });
    await fetch(URL_THERE);
    expect(values("retry-attempt")).toEqual(["1"]);
  });
});

describe("a server reads", () => {
  test.each([
    [{ "retry-attempt": "1" }, { attempt: 1, limitMs: Infinity }],
    [
      { "retry-attempt": "2", "request-timeout-ms": "800" },
      { attempt: 2, limitMs: 800 },
    ],
    [
      { "retry-attempt": "2", "request-timeout-ms": "-8" },
      { attempt: 2, limitMs: Infinity },
    ],
    [{ "retry-attempt": "0" }, undefined],
    [{ "retry-attempt": "1.5" }, undefined],
    [{ "retry-attempt": "1, 2" }, undefined],
    [{ "request-timeout-ms": "800" }, undefined],
  ])("%j as %j", (headers, attempt) => {
    expect(readAttempt(new Headers(headers as Record<string, string>))).toEqual(attempt);
  });

  test("whatever a client writes as a number that makes sense, or as nothing", () => {
    const field = fc.oneof(fc.stringMatching(/^[ -~]*$/), fc.stringMatching(/^\d{1,12}$/));
    fc.assert(
      fc.property(field, field, (attempt, timeout) => {
        const headers = new Headers({ "retry-attempt": attempt, "request-timeout-ms": timeout });
        const read = readAttempt(headers);
        if (read === undefined) return;
        expect(Number.isInteger(read.attempt) && read.attempt >= 1).toBe(true);
        expect(read.limitMs).toBeGreaterThanOrEqual(0);
      }),
      { numRuns: 1000, seed: 1 },
    );
  });
});

describe("methods", () => {
  test.each(["GET", "HEAD", "OPTIONS", "QUERY", "PUT", "DELETE", "get", "put"])(
    "%s is retried, without a key",
    async (method) => {
      const { fetch, values } = sending();
      await fetch(URL_THERE, { method });
      expect(values("idempotency-key")).toEqual([null, null, null]);
    },
  );

  test.each(["POST", "PATCH", "post", "PURGE"])("%s is not", async (method) => {
    const { fetch, values } = sending();
    await fetch(URL_THERE, { method });
    expect(values("idempotency-key")).toEqual([null]);
  });

  test("are the user's to choose", async () => {
    const { fetch, values } = sending({ methods: ["post"] });
    await fetch(URL_THERE, { method: "POST" });
    expect(values("retry-attempt")).toHaveLength(3);
    await fetch(URL_THERE, { method: "GET" });
    expect(values("retry-attempt")).toHaveLength(4);
  });

  test.each([
    [true, "POST", 3],
    [false, "GET", 1],
  ])("matter not to a call that says `repeatable: %s`", async (repeatable, method, attempts) => {
    const { fetch, values } = sending();
    await fetch(URL_THERE, { method, retry: { repeatable } });
    expect(values("retry-attempt")).toHaveLength(attempts);
  });
});

describe("an Idempotency-Key", () => {
  const post = { method: "POST", body: "pay" };
  const UUID = /^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/;

  test("is made once for a call that is not idempotent by its method, and for the next another", async () => {
    const { fetch, values } = sending({ methods: ["POST"] });
    await fetch(URL_THERE, post);
    await fetch(URL_THERE, post);
    const [first, ...others] = values("idempotency-key");
    expect(first).toMatch(UUID);
    expect(others.slice(0, 2)).toEqual([first, first]);
    expect(others[2]).toMatch(UUID);
    expect(others[2]).not.toBe(first);
  });

  test("of the caller's own is kept, and lets a POST be retried", async () => {
    const { fetch, values } = sending();
    await fetch(URL_THERE, { ...post, headers: { "Idempotency-Key": "mine" } });
    expect(values("idempotency-key")).toEqual(["mine", "mine", "mine"]);
  });

  test("may be made by the caller", async () => {
    let made = 0;
    const { fetch, values } = sending({
      methods: ["POST"],
      makeIdempotencyKey: () => `"key-${++made}"`,
    });
    await fetch(URL_THERE, post);
    await fetch(URL_THERE, post);
    expect(new Set(values("idempotency-key"))).toEqual(new Set(['"key-1"', '"key-2"']));
  });

  test.each([
    ["always", "PUT", true],
    ["always", "POST", true],
    ["always", "GET", false],
    ["never", "POST", false],
  ] as const)("with %s, a %s has one: %s", async (idempotencyKey, method, has) => {
    const { fetch, values } = sending({ idempotencyKey });
    await fetch(URL_THERE, { method, retry: { repeatable: true } });
    expect(values("idempotency-key").map((key) => key !== null)).toEqual([has, has, has]);
  });

  test("is random also on a page that came over plain HTTP", async () => {
    const { getRandomValues } = crypto;
    vi.stubGlobal("crypto", { getRandomValues: getRandomValues.bind(crypto) });
    const { fetch, values } = sending({ methods: ["POST"] });
    await fetch(URL_THERE, post);
    await fetch(URL_THERE, post);
    const keys = new Set(values("idempotency-key"));
    expect(keys.size).toBe(2);
    for (const key of keys) expect(key).toMatch(/^[0-9a-f]{36}$/);
  });
});
