/** With the SDK that apps use. */
import {
  AggregationTemporality,
  InMemoryMetricExporter,
  MeterProvider,
  PeriodicExportingMetricReader,
} from "@opentelemetry/sdk-metrics";
import { describe, expect, test } from "vitest";
import { budgeted, fixed, hedged, sessionReset } from "../../policies/index.ts";
import { createRetry, type RetryOptions } from "../../src/index.ts";
import { retryMetrics } from "../../src/opentelemetry/index.ts";
import { hedging } from "../../src/retry/hedging.ts";
import { busy } from "../retry/client.ts";
import { VirtualClock } from "../virtual-clock.ts";

function measured(options: RetryOptions, attributes?: Record<string, string>) {
  const exporter = new InMemoryMetricExporter(AggregationTemporality.CUMULATIVE);
  const reader = new PeriodicExportingMetricReader({ exporter, exportIntervalMillis: 1e6 });
  const provider = new MeterProvider({ readers: [reader] });
  const observer = retryMetrics(provider.getMeter("test"), { attributes });
  /** A line for each point: its metric, unit, attributes and value; of a histogram its count and sum. */
  async function lines(): Promise<string[]> {
    await reader.forceFlush();
    const metrics = exporter
      .getMetrics()
      .at(-1)
      ?.scopeMetrics.flatMap((scope) => scope.metrics);
    await provider.shutdown();
    return (metrics ?? []).flatMap(({ descriptor, dataPoints }) =>
      dataPoints.map(({ attributes, value }) => {
        const shown =
          typeof value === "object" && "sum" in value ? `${value.count} of ${value.sum}` : value;
        const facts = Object.entries(attributes).map(([name, fact]) => `${name}=${fact}`);
        return [descriptor.name, descriptor.unit, ...facts, shown].join(" ");
      }),
    );
  }
  return { retry: createRetry({ ...options, observer }), lines };
}

const flaky = ({ attempt }: { attempt: number }) => (attempt === 1 ? busy() : "fine");

describe("the metrics of a client", () => {
  test("are its calls, attempts, retries, waits and what is left of its budget", async () => {
    const policy = budgeted(fixed({ delayMs: 2, attemptsMax: 2 }), {
      tokensMax: 5,
      tokensInitial: 5,
    });
    const { retry, lines } = measured({ policy, clientId: 3 });
    await retry(flaky);
    await retry(() => "fine");
    await retry(busy).catch(() => {});
    const left = new AbortController();
    const leaving = retry(() => new Promise(() => {}), { signal: left.signal });
    left.abort();
    await leaving.catch(() => {});
    expect(await lines()).toEqual([
      "stormproof.calls {call} stormproof.call.end=answered 2",
      "stormproof.calls {call} stormproof.call.end=attempts 1",
      "stormproof.calls {call} stormproof.call.end=abandoned 1",
      "stormproof.attempts {attempt} stormproof.attempt.outcome=rejected http.response.status_code=503 3",
      "stormproof.attempts {attempt} stormproof.attempt.outcome=answered 2",
      "stormproof.retries {attempt} 2",
      "stormproof.wait.duration s 2 of 0.004",
      "stormproof.budget.tokens {token} stormproof.client.id=3 3.2",
    ]);
  });

  test("are its session resets too", async () => {
    const outcomes = [() => {}, () => Promise.reject(new Error("no session"))];
    const { retry, lines } = measured({
      policy: sessionReset(fixed({ delayMs: 2 }), { sessionResetIntervalMs: 1 }),
      resetSession: () => outcomes.shift()?.(),
    });
    await retry(({ attempt }) => (attempt < 3 ? busy() : "fine"));
    expect((await lines()).filter((line) => line.includes("reset"))).toEqual([
      "stormproof.session.resets {reset} stormproof.session.reset.outcome=done 1",
      "stormproof.session.resets {reset} stormproof.session.reset.outcome=failed 1",
    ]);
  });

  test("tell hedges from retries", async () => {
    const policy = hedged(fixed({ delayMs: 2, attemptsMax: 3 }), { samplesMin: 1 });
    const clock = new VirtualClock();
    const { retry, lines } = measured({ policy, hedging, clock });
    await retry(() => "known");
    const call = retry(({ attempt }) => {
      if (attempt === 1) busy();
      return attempt === 2 ? new Promise(() => {}) : "fine";
    });
    await clock.advance(100);
    expect(await call).toBe("fine");
    expect((await lines()).filter((line) => /attempts|retries|hedges/.test(line))).toEqual([
      "stormproof.attempts {attempt} stormproof.attempt.outcome=answered 2",
      "stormproof.attempts {attempt} stormproof.attempt.outcome=rejected http.response.status_code=503 1",
      "stormproof.attempts {attempt} stormproof.attempt.outcome=abandoned 1",
      "stormproof.retries {attempt} 1",
      "stormproof.hedges {attempt} 1",
    ]);
  });

  test("carry the attributes that are given", async () => {
    const policy = fixed({ delayMs: 1, attemptsMax: 2 });
    const { retry, lines } = measured({ policy }, { peer: "checkout" });
    await retry(flaky);
    for (const line of await lines()) expect(line).toContain(" peer=checkout ");
  });

  test("know no budget where there is none", async () => {
    const { retry, lines } = measured({ policy: fixed() });
    await retry(() => "fine");
    expect((await lines()).filter((line) => line.includes("tokens"))).toEqual([]);
  });
});
