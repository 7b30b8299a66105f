/** The cheapest agreements with theory; 20 seeds each, and an interval around their mean. */
import { describe, expect, test } from "vitest";
import { amplification, answeredShare } from "../../src/measure/formulas.ts";
import { type RunFigures, RunMeter } from "../../src/measure/run-figures.ts";
import type { Policy } from "../../src/policy.ts";
import { defineScenario, type Scenario, type ScenarioInput } from "../../src/scenario.ts";
import { simulate } from "../../src/sim/simulation.ts";
import { retrying } from "./worlds.ts";

const SEEDS = Array.from({ length: 20 }, (_, index) => index + 1);
/** Of Student's t with 19 degrees of freedom: 99.9 % of intervals hold the truth. */
const T = 3.883;

function open(perSecond: number, input: Partial<ScenarioInput>): Scenario {
  return defineScenario({
    name: "theory",
    shows: "What is known beforehand.",
    runMs: 60_000,
    warmUpMs: 5_000,
    patienceMs: 60_000,
    networkMs: 0.001,
    clients: { count: 1_000, timeoutMs: 60_000 },
    load: { kind: "open", arrivals: [{ fromMs: 0, perSecond }] },
    ...input,
  });
}

function interval(scenario: Scenario, policy: Policy, figure: (figures: RunFigures) => number) {
  const values = SEEDS.map((seed) => {
    const meter = new RunMeter(scenario);
    simulate({ scenario, policy, seed, trace: meter });
    return figure(meter.figures());
  });
  const mean = values.reduce((sum, value) => sum + value, 0) / values.length;
  const variance =
    values.reduce((sum, value) => sum + (value - mean) ** 2, 0) / (values.length - 1);
  return { mean, halfWidth: T * Math.sqrt(variance / values.length) };
}

/** The truth lies in the interval, and the interval is narrow enough to mean something. */
function expectAround(
  truth: number,
  { mean, halfWidth }: { mean: number; halfWidth: number },
): void {
  expect(halfWidth / truth).toBeLessThan(0.04);
  expect(Math.abs(mean - truth)).toBeLessThan(halfWidth);
}

describe("M/M/c/K", () => {
  /** The chance that all c workers and K − c places are taken, at offered traffic a. */
  function loss(a: number, c: number, k: number): number {
    const weights = [1];
    for (let n = 1; n <= k; n++) weights.push((weights[n - 1] * a) / Math.min(n, c));
    return weights[k] / weights.reduce((sum, weight) => sum + weight, 0);
  }
  const mmck = (perSecond: number, workers: number, places: number) =>
    open(perSecond, {
      server: {
        workers: [{ fromMs: 0, workers }],
        service: { distribution: "exponential", meanMs: 20 },
        queue: { places, order: "fifo" },
        rejection: { status: 503, costMs: 0 },
      },
    });
  const rejected = (figures: RunFigures) => 1 - (answeredShare(figures.total) ?? Number.NaN);

  test.each([
    ["Erlang's loss: no queue", 200, 5, 0],
    ["a short queue", 120, 2, 3],
    ["above capacity", 150, 2, 10],
  ])("loses what theory says: %s", (_what, perSecond, workers, places) => {
    const truth = loss(perSecond * 0.02, workers, workers + places);
    expectAround(truth, interval(mmck(perSecond, workers, places), retrying(1), rejected));
  });
});

test("M/M/1 has the mean response 1 ÷ (μ − λ)", () => {
  const scenario = open(25, {
    runMs: 450_000,
    server: {
      workers: [{ fromMs: 0, workers: 1 }],
      service: { distribution: "exponential", meanMs: 20 },
      queue: { places: 100_000, order: "fifo" },
      rejection: { status: 503, costMs: 0 },
    },
  });
  const response = ({ responseUs }: RunFigures) => responseUs.mean / 1000;
  // Two network delays of 1 µs, and half a µs of rounding up.
  expectAround(1_000 / (50 - 25) + 0.0025, interval(scenario, retrying(1), response));
});

test("retries of independent failures amplify by (1 − pⁿ) ÷ (1 − p)", () => {
  for (const [p, attemptsMax] of [
    [0.5, 4],
    [0.2, 3],
    [0.9, 10],
  ]) {
    const scenario = open(50, {
      runMs: 20_000,
      faults: [{ kind: "partial", fromMs: 0, untilMs: 1e6, share: p, status: 503 }],
    });
    const figure = (figures: RunFigures) => amplification(figures.total) ?? Number.NaN;
    const result = interval(scenario, retrying(attemptsMax, 1), figure);
    expectAround((1 - p ** attemptsMax) / (1 - p), result);
  }
});
