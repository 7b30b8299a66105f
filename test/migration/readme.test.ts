/** What the README says to write instead of other libraries: both are run, and what is said of them tried. */
import asyncRetry from "async-retry";
import axios from "axios";
import axiosRetry from "axios-retry";
import got from "got";
import ky from "ky";
import pRetry from "p-retry";
import { Agent, type Dispatcher, RetryAgent, request } from "undici";
import { describe, expect, test, vi } from "vitest";
import { forAxios, forGot, forKy } from "../../src/adapters/index.ts";
import { okOrThrow } from "../../src/fetch/index.ts";
import { retryInterceptor } from "../../src/undici/index.ts";
import { answer, busy, fine, reset, serve, silent } from "../fetch/server.ts";
import { quickTimers } from "./quick-timers.ts";
import { evaluate, type Row, readmeRows } from "./readme-rows.ts";

type Get = (url: string, init?: { method?: "POST"; signal?: AbortSignal }) => Promise<string>;

/** How a row's code is used to read what a server says. */
const USES: Readonly<Record<string, (code: string) => Promise<Get>>> = {
  "p-retry": async (code) => wrapping(code, { pRetry, ...(await freshRetry()) }),
  "async-retry": async (code) => wrapping(code, { asyncRetry, ...(await freshRetry()) }),
  "axios-retry": async (code) => {
    const client = axios.create();
    evaluate(code, { client, axios, axiosRetry, forAxios });
    return async (url, init) => (await client({ url, ...init })).data;
  },
  got: async (code) => {
    const client = evaluate(code, { got, forGot }) as typeof got;
    return (url, init) => client(url, init).text();
  },
  ky: async (code) => {
    const client = evaluate(code, { ky, forKy }) as typeof ky;
    return (url, init) => client(url, init).text();
  },
  undici: async (code) => {
    const dispatcher = dispatcherOf(code);
    return async (url, init) => {
      const { statusCode, body } = await request(url, { dispatcher, ...init });
      const text = await body.text();
      if (statusCode !== 200) throw new Error(text);
      return text;
    };
  },
};

function wrapping(code: string, scope: Record<string, unknown>): Get {
  return async (url) => {
    const get = async () => okOrThrow(await fetch(url));
    return ((await evaluate(code, { ...scope, get })) as Response).text();
  };
}

function dispatcherOf(code: string): Dispatcher {
  return evaluate(code, { Agent, RetryAgent, retryInterceptor }) as Dispatcher;
}

/** With the budget of a process that has just begun. */
async function freshRetry() {
  vi.resetModules();
  const { retry } = await import("../../src/index.ts");
  return { retry };
}

const rows = readmeRows();
const cells = [...rows].flatMap(([from, row]) =>
  (["before", "after"] as const).map((when) => [from, when, row[when]] as const),
);

/** Both of a row's, to be tried one after the other. */
async function both(from: string): Promise<{ before: Get; after: Get }> {
  const { before, after } = rowOf(from);
  return { before: await USES[from](before), after: await USES[from](after) };
}

function rowOf(from: string): Row {
  return rows.get(from) ?? { before: "", after: "" };
}

/** Before a retry, by the default policy; the clients have timers of their own. */
function isWait(ms: number): boolean {
  return ms > 0 && ms <= 200;
}

test("every row has somebody who uses it", () => {
  expect([...rows.keys()]).toEqual(Object.keys(USES));
});

describe("a server that is busy, breaks the connection, and then answers", () => {
  test.each(cells)("%s, %s: %s", async (from, _when, code) => {
    quickTimers();
    const { url, received } = await serve(busy, reset, fine);
    const get = await USES[from](code);
    expect(await get(url)).toBe("fine");
    expect(received).toHaveLength(3);
  });
});

describe("what changes for all", () => {
  test.each([...rows.keys()])(
    "%s: 100 calls to a server that is down make at most 102 attempts, and not 300",
    async (from) => {
      quickTimers();
      const attempts = async (get: Get) => {
        const { url, received } = await serve(busy);
        const calls = await Promise.allSettled(Array.from({ length: 100 }, () => get(url)));
        expect(calls.every(({ status }) => status === "rejected")).toBe(true);
        return received.length;
      };
      const { before, after } = await both(from);
      expect(await attempts(before)).toBe(300);
      const afterwards = await attempts(after);
      expect(afterwards).toBeGreaterThan(100);
      expect(afterwards).toBeLessThanOrEqual(102);
    },
  );

  test.each([...rows.keys()])("%s: waits are spread", async (from) => {
    const { delaysMs } = quickTimers();
    const { url } = await serve(...Array.from({ length: 10 }, () => busy), fine);
    // Ten clients: the young jar of one would not pay for ten retries.
    const gets: Awaited<ReturnType<(typeof USES)[string]>>[] = [];
    for (let n = 0; n < 10; n++) gets.push(await USES[from](rowOf(from).after));
    await Promise.all(gets.map((get) => get(url)));
    const waitsMs = delaysMs.filter(isWait);
    expect(waitsMs.length).toBeGreaterThanOrEqual(10);
    expect(new Set(waitsMs).size).toBeGreaterThan(5);
  });
});

describe("what else changes", () => {
  test.each(["p-retry", "async-retry"])(
    "%s: a 404, or an error that nobody knows, is not retried",
    async (from) => {
      quickTimers();
      const { before, after } = await both(from);
      for (const [get, attempts] of [
        [before, 3],
        [after, 1],
      ] as const) {
        const { url, received } = await serve(answer(404));
        await expect(get(url)).rejects.toThrow("404");
        expect(received).toHaveLength(attempts);
      }
      const unknown = vi.fn(() => Promise.reject(new Error("a defect")));
      const scope = { pRetry, asyncRetry, get: unknown, ...(await freshRetry()) };
      await expect(evaluate(rowOf(from).before, scope)).rejects.toThrow("a defect");
      expect(unknown).toHaveBeenCalledTimes(3);
      await expect(evaluate(rowOf(from).after, scope)).rejects.toMatchObject({
        why: "not-retryable",
        attempts: 1,
      });
      expect(unknown).toHaveBeenCalledTimes(4);
    },
  );

  test("async-retry: the error is the last one, not the most frequent", async () => {
    quickTimers();
    const { before, after } = await both("async-retry");
    const messageOf = async (get: Get) => {
      const { url } = await serve(busy, busy, answer(500));
      const error = await get(url).catch((error) => error);
      return (error.cause ?? error).message;
    };
    expect(await messageOf(before)).toMatch("503");
    expect(await messageOf(after)).toMatch("500");
  });

  test("axios-retry: it waits between attempts", async () => {
    const { delaysMs } = quickTimers();
    const { before, after } = await both("axios-retry");
    const waited = async (get: Get) => {
      const from = delaysMs.length;
      await get((await serve(busy, busy, fine)).url);
      return delaysMs.slice(from).filter(isWait);
    };
    expect(await waited(before)).toHaveLength(0);
    expect((await waited(after)).length).toBeGreaterThanOrEqual(2);
  });

  test("axios-retry: no POST is sent again when a connection breaks", async () => {
    quickTimers();
    const { before, after } = await both("axios-retry");
    for (const [post, attempts] of [
      [before, 3],
      [after, 1],
    ] as const) {
      const { url, received } = await serve(reset);
      await expect(post(url, { method: "POST" })).rejects.toThrow();
      expect(received).toHaveLength(attempts);
    }
  });

  test.each(["got", "ky"])("%s: a Retry-After above a minute ends the call", async (from) => {
    const { delaysMs } = quickTimers();
    const { before, after } = await both(from);
    const { url, received, request } = await serve(answer(503, "", { "retry-after": "3600" }));
    const controller = new AbortController();
    const left = before(url, { signal: controller.signal }).catch(() => "left");
    await request(1);
    await vi.waitUntil(() => delaysMs.includes(3_600_000));
    controller.abort();
    expect(await left).toBe("left");
    await expect(after(url)).rejects.toThrow("503");
    expect(received).toHaveLength(2);
  });

  test("ky: a timeout is retried", async () => {
    const before = await serve(silent, fine);
    await expect(ky.create({ retry: 2, timeout: 50 })(before.url)).rejects.toThrow("timed out");
    expect(before.received).toHaveLength(1);
    const after = await serve(silent, fine);
    expect(
      await ky
        .create(forKy({ timeoutMs: 50 }))(after.url)
        .text(),
    ).toBe("fine");
    expect(after.received).toHaveLength(2);
  });

  test("undici: no stream is sent again empty", async () => {
    quickTimers();
    const sent = async (code: string) => {
      const { url, received } = await serve(busy, fine);
      const body = ReadableStream.from(["hello"]) as never;
      const { statusCode } = await request(url, {
        dispatcher: dispatcherOf(code),
        method: "PUT",
        body,
      });
      return { statusCode, bodies: await Promise.all(received.map(({ body }) => body)) };
    };
    const { before, after } = rowOf("undici");
    expect(await sent(before)).toEqual({ statusCode: 200, bodies: ["hello", ""] });
    expect(await sent(after)).toEqual({ statusCode: 503, bodies: ["hello"] });
  });

  test("undici: Retry-After is not cut to 30 s", async () => {
    const { delaysMs } = quickTimers();
    const { before, after } = await both("undici");
    const longest = async (get: Get) => {
      const from = delaysMs.length;
      const { url, close } = await serve(answer(503, "", { "retry-after": "59" }));
      const controller = new AbortController();
      const left = get(url, { signal: controller.signal }).catch(() => "left");
      await vi.waitUntil(() => delaysMs.slice(from).some((ms) => ms > 20_000));
      controller.abort();
      close();
      expect(await left).toBe("left");
      return Math.max(...delaysMs.slice(from));
    };
    expect(await longest(before)).toBe(30_000);
    expect(await longest(after)).toBeGreaterThanOrEqual(59_000);
  });
});
