import { context, trace } from "@opentelemetry/api";
import { AsyncLocalStorageContextManager } from "@opentelemetry/context-async-hooks";
import {
  InMemorySpanExporter,
  SimpleSpanProcessor,
  TracerProvider,
} from "@opentelemetry/sdk-trace";
import { afterAll, afterEach, beforeAll, describe, expect, test } from "vitest";
import { fixed } from "../../policies/index.ts";
import { type Span, type Tracer, tracedAttempts } from "../../src/opentelemetry/index.ts";
import { busy, clientOf, listeners, silent, watched } from "../retry/client.ts";

const exporter = new InMemorySpanExporter();
const provider = new TracerProvider({
  spanProcessors: [new SimpleSpanProcessor({ exporter })],
});
const tracer = provider.getTracer("test");
const policy = fixed({ delayMs: 100, attemptsMax: 2 });

beforeAll(() => {
  context.setGlobalContextManager(new AsyncLocalStorageContextManager().enable());
});
afterEach(() => exporter.reset());
afterAll(() => context.disable());

function spans() {
  return exporter.getFinishedSpans().map(({ name, kind, status, attributes }) => {
    return { name, kind, code: status.code, ...attributes };
  });
}

describe("the span of an attempt", () => {
  test("says which it is, and how it failed", async () => {
    const { retry, clock } = clientOf({ policy });
    const ask = ({ attempt }: { attempt: number }) => (attempt === 1 ? busy() : "fine");
    const attributes = { "server.address": "example.com" };
    const call = watched(retry(tracedAttempts(tracer, "ask", ask, { attributes })));
    await clock.advance(100);
    expect(call.value).toBe("fine");
    expect(spans()).toEqual([
      { name: "ask", kind: 2, code: 2, ...attributes, "error.type": "503" },
      { name: "ask", kind: 2, code: 0, ...attributes, "http.request.resend_count": 1 },
    ]);
  });

  test("is the active one in the function, and a child of the one around the call", async () => {
    const { retry } = clientOf({ policy });
    await tracer.startActiveSpan("around", async (span) => {
      const ask = async () => tracer.startSpan("inside").end();
      await retry(tracedAttempts(tracer, "ask", ask));
      span.end();
    });
    const [inside, ask, around] = exporter.getFinishedSpans();
    expect(inside.parentSpanContext?.spanId).toBe(ask.spanContext().spanId);
    expect(ask.parentSpanContext?.spanId).toBe(around.spanContext().spanId);
  });

  test("ends with its time, once, though the function is deaf to its signal", async () => {
    const { retry, clock } = clientOf({ policy, timeoutMs: 50 });
    let answer = (_text: string) => {};
    const signals: AbortSignal[] = [];
    const deaf = (at: { signal: AbortSignal }) => {
      signals.push(at.signal);
      return new Promise<string>((resolve) => {
        answer = resolve;
      });
    };
    const call = watched(retry(tracedAttempts(tracer, "ask", deaf)));
    await clock.advance(50);
    expect(spans()).toMatchObject([{ code: 2, "error.type": "TimeoutError" }]);
    answer("late");
    await clock.advance(200);
    expect(call.state).toBe("rejected");
    expect(spans()).toHaveLength(2);
    for (const signal of signals) expect(listeners(signal)).toBe(0);
  });

  test.each(["resolves", "rejects"])(
    "is told of one end when the function %s late",
    async (how) => {
      const told: string[] = [];
      const span: Span = {
        setAttribute: () => told.push("type"),
        setStatus: () => told.push("status"),
        end: () => told.push("end"),
      };
      const counting: Tracer = { startActiveSpan: (_name, _options, work) => work(span) };
      const { retry, clock } = clientOf({ policy: fixed({ attemptsMax: 1 }), timeoutMs: 50 });
      let settle = () => {};
      const deaf = () =>
        new Promise<void>((resolve, reject) => {
          settle = how === "resolves" ? resolve : () => reject(new Error("late"));
        });
      watched(retry(tracedAttempts(counting, "ask", deaf)));
      await clock.advance(50);
      settle();
      await clock.advance(1);
      expect(told).toEqual(["type", "status", "end"]);
    },
  );

  test("ends when the caller leaves", async () => {
    const { retry } = clientOf({ policy });
    const leaving = new AbortController();
    const call = watched(retry(tracedAttempts(tracer, "ask", silent), { signal: leaving.signal }));
    leaving.abort(new RangeError("enough"));
    await Promise.resolve();
    expect(call.state === "resolved").toBe(false);
    expect(spans()).toMatchObject([{ code: 2, "error.type": "RangeError" }]);
  });

  test.each([
    ["text", "_OTHER"],
    [null, "_OTHER"],
    [{}, "_OTHER"],
    [new TypeError("x"), "TypeError"],
  ])("of a function that throws %o has the error.type %s", async (error, type) => {
    const { retry } = clientOf({ policy });
    const throws = () => {
      throw error;
    };
    await retry(tracedAttempts(tracer, "ask", throws)).catch(() => {});
    expect(spans()).toMatchObject([{ "error.type": type }]);
  });
});

test("the tracer of the API alone, without an SDK, changes nothing", async () => {
  const { retry } = clientOf({ policy });
  const traced = tracedAttempts(trace.getTracer("none"), "ask", async () => "fine");
  expect(await retry(traced)).toBe("fine");
});
