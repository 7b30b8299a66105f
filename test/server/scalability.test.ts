/** A server whose workers are in each other's way does what the universal scalability law says. */
import { describe, expect, test } from "vitest";
import { capacityPerSecond } from "../../src/measure/recovery.ts";
import { type Scalability, slowdownAt } from "../../src/scalability.ts";
import { defineScenario, SCENARIO_DEFAULTS, type Scenario } from "../../src/scenario.ts";
import { simulate } from "../../src/sim/simulation.ts";
import { SilentTrace } from "../../src/trace.ts";
import { never } from "../sim/worlds.ts";
import { Reception } from "./reception.ts";

const throughput = (workers: number, law: Scalability) => workers / slowdownAt(workers, law);

describe("the universal scalability law", () => {
  test("without contention and coherency: twice the workers, twice the throughput", () => {
    const law = { contention: 0, coherency: 0 };
    expect([1, 2, 64].map((n) => throughput(n, law))).toEqual([1, 2, 64]);
  });

  test("with contention only: Amdahl's law, at most 1 ÷ contention", () => {
    const law = { contention: 0.05, coherency: 0 };
    for (const n of [1, 2, 10, 1_000]) {
      // G. M. Amdahl, 1967: 1 ÷ (s + (1 − s) ÷ n).
      expect(throughput(n, law)).toBeCloseTo(1 / (0.05 + 0.95 / n), 9);
    }
    expect(throughput(1e9, law)).toBeCloseTo(20, 4);
  });

  test("with coherency: the throughput is greatest at √((1 − contention) ÷ coherency)", () => {
    const law = { contention: 0.05, coherency: 0.000_95 };
    const best = Math.sqrt(0.95 / 0.000_95);
    const around = [-2, -1, 0, 1, 2].map((step) => throughput(Math.floor(best) + step, law));
    expect(Math.max(...around)).toBe(throughput(Math.round(best), law));
    expect(throughput(4 * best, law)).toBeLessThan(throughput(best, law) / 1.5);
  });
});

describe("at the server", () => {
  test("work takes as long as the concurrency says at which it begins, to its end", () => {
    // 1, then 1 + 0.5 + 0.25 · 2 = 2, then 1 + 2 · 0.5 + 0.25 · 6 = 3.5 times 10 ms.
    const spec = {
      workers: [{ fromMs: 0, workers: 3 }],
      scalability: { contention: 0.5, coherency: 0.25 },
    };
    const reception = new Reception(spec).arrive(0, 0, 1, 2).arrive(35, 3);
    expect(reception.answersUntil(999)).toEqual([
      "10 ms client 0: answered",
      "20 ms client 1: answered",
      "35 ms client 2: answered",
      "45 ms client 3: answered",
    ]);
  });

  test("saying no keeps a worker as long as ever, but counts as company", () => {
    const spec = {
      workers: [{ fromMs: 0, workers: 1 }],
      queue: { places: 0, order: "fifo" as const },
      rejection: { status: 503, costMs: 20 },
      scalability: { contention: 1, coherency: 0 },
    };
    const lonely = new Reception(spec).arrive(0, 0, 1);
    expect(lonely.answersUntil(999)).toEqual([
      "10 ms client 0: answered",
      "30 ms client 1: rejected 503",
    ]);
    const admission = [
      { fromMs: 0, gate: "closed" as const },
      { fromMs: 1, gate: "open" as const },
    ];
    const busy = new Reception({ ...spec, admission, workers: [{ fromMs: 0, workers: 2 }] });
    expect(busy.arrive(0, 0).arrive(1, 1).answersUntil(999)).toEqual([
      "20 ms client 0: rejected 503",
      "21 ms client 1: answered",
    ]);
  });

  /** More than enough clients for a busy minute, all at once. */
  const crowd = (workers: number, scalability: Scalability): Scenario =>
    defineScenario({
      name: "crowd",
      shows: "What the workers can do together.",
      runMs: 60_000,
      patienceMs: 1,
      clients: { count: 40_000, timeoutMs: 120_000 },
      load: { kind: "herd", fromMs: 0, overMs: 0 },
      server: {
        ...SCENARIO_DEFAULTS.server,
        workers: [{ fromMs: 0, workers }],
        queue: { places: 40_000, order: "fifo" },
        scalability,
      },
    });

  class Count extends SilentTrace {
    count = 0;

    /** From the second second on: the first workers began alone. */
    override served(atUs: number): void {
      if (atUs >= 1e6) this.count++;
    }
  }

  test.each([1, 2, 5, 10, 20, 40, 80])("%d busy workers answer at the capacity", (workers) => {
    const scenario = crowd(workers, { contention: 0.02, coherency: 0.001 });
    const expected = 59 * capacityPerSecond(scenario, 0);
    for (const seed of [1, 2, 3]) {
      const count = new Count();
      simulate({ scenario, seed, policy: never, trace: count });
      // Exponential service: the answers of busy workers are a Poisson process.
      expect(Math.abs(count.count - expected) / Math.sqrt(expected)).toBeLessThan(4.5);
    }
  });
});
