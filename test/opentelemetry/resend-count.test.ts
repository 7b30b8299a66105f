/** Real requests over the loopback interface, with the spans that undici's instrumentation makes. */
import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { context } from "@opentelemetry/api";
import { AsyncLocalStorageContextManager } from "@opentelemetry/context-async-hooks";
import { UndiciInstrumentation } from "@opentelemetry/instrumentation-undici";
import {
  InMemorySpanExporter,
  SimpleSpanProcessor,
  TracerProvider,
} from "@opentelemetry/sdk-trace";
import { afterAll, afterEach, beforeAll, describe, expect, test } from "vitest";
import { fixed } from "../../policies/index.ts";
import { createFetch, okOrThrow } from "../../src/fetch/index.ts";
import { createRetry } from "../../src/index.ts";
import { ResendCountSpanProcessor } from "../../src/opentelemetry/index.ts";
import type { Policy } from "../../src/policy.ts";
import { hedging } from "../../src/retry/hedging.ts";
import { VirtualClock } from "../virtual-clock.ts";

const exporter = new InMemorySpanExporter();
const provider = new TracerProvider({
  spanProcessors: [new ResendCountSpanProcessor(), new SimpleSpanProcessor({ exporter })],
});
const instrumentation = new UndiciInstrumentation();
const policy = fixed({ delayMs: 1, attemptsMax: 3 });

let server: Server;
let url: string;
/** The statuses of the next answers; then 200. */
let statuses: number[] = [];

beforeAll(async () => {
  context.setGlobalContextManager(new AsyncLocalStorageContextManager().enable());
  instrumentation.setTracerProvider(provider);
  server = createServer((_request, response) => {
    response.writeHead(statuses.shift() ?? 200).end();
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/`;
});
afterEach(() => exporter.reset());
afterAll(() => {
  instrumentation.disable();
  context.disable();
  server.closeAllConnections();
  server.close();
});

/** `http.request.resend_count` of each span, in the order of their requests. */
function resendCounts() {
  return exporter
    .getFinishedSpans()
    .map(({ attributes }) => attributes["http.request.resend_count"]);
}

describe("the span of a request", () => {
  test("that retryFetch sends again says how often it was sent before", async () => {
    statuses = [503, 503];
    const fetch = createFetch({ policy });
    expect((await fetch(url)).status).toBe(200);
    expect(resendCounts()).toEqual([undefined, 1, 2]);
  });

  test("that a call of retry sends says so too, however deep in it", async () => {
    statuses = [503, 503];
    const retry = createRetry({ policy });
    await retry(async () => {
      await Promise.resolve();
      return okOrThrow(await globalThis.fetch(url));
    });
    expect(resendCounts()).toEqual([undefined, 1, 2]);
  });

  test("of a layer that makes one attempt counts those of the layer around it", async () => {
    statuses = [503, 503];
    const [retry, fetch] = [createRetry({ policy }), createFetch({ policy })];
    await retry(async ({ signal }) => okOrThrow(await fetch(url, { signal })));
    expect(resendCounts()).toEqual([undefined, 1, 2]);
  });

  test("of an attempt with a hedge beside it counts those before itself", async () => {
    const clock = new VirtualClock();
    const hedger: Policy = {
      name: "hedger",
      initial: {},
      hedges: true,
      decide: (_state, { kind }) => ({ do: "send", ...(kind === "start" && { hedgeAfterMs: 30 }) }),
    };
    const retry = createRetry({ policy: hedger, hedging, clock });
    const call = retry(async ({ attempt }) => {
      await clock.sleep(60);
      if (attempt === 1) await globalThis.fetch(url);
    });
    await clock.advance(80);
    await call;
    expect(resendCounts()).toEqual([undefined]);
  });

  test("of calls at the same time counts each call's own", async () => {
    statuses = [503];
    const retry = createRetry({ policy });
    const attempts: number[] = [];
    const call = () =>
      retry(async ({ attempt }) => {
        attempts.push(attempt);
        return okOrThrow(await globalThis.fetch(url));
      });
    await Promise.all([call(), call(), call()]);
    expect(attempts.toSorted()).toEqual([1, 1, 1, 2]);
    expect(resendCounts().filter((count) => count !== undefined)).toEqual([1]);
  });

  test("outside of any call, or after it, says nothing", async () => {
    const retry = createRetry({ policy });
    let later: Promise<unknown> = Promise.resolve();
    let end = () => {};
    const ended = new Promise<void>((resolve) => {
      end = resolve;
    });
    await retry(({ attempt }) => {
      if (attempt === 1) throw Object.assign(new Error("busy"), { status: 503 });
      later = ended.then(() => globalThis.fetch(url));
    });
    end();
    await later;
    await globalThis.fetch(url);
    expect(resendCounts()).toEqual([undefined, undefined]);
  });
});

test("spans of other kinds are left alone", async () => {
  const tracer = provider.getTracer("test");
  const retry = createRetry({ policy });
  await retry(({ attempt }) => {
    tracer.startSpan("query", { kind: 2, attributes: { "db.system.name": "sqlite" } }).end();
    tracer.startSpan("GET", { kind: 1, attributes: { "http.request.method": "GET" } }).end();
    if (attempt === 1) throw Object.assign(new Error("busy"), { status: 503 });
  });
  expect(resendCounts()).toEqual([undefined, undefined, undefined, undefined]);
});
