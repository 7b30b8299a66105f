/**
 * What policies that refuse calls are good for, and where they do harm: a breaker and a throttle, beside no
 * retries at all and beside what is inside them.
 */
import { describe, expect, test } from "vitest";
import { adaptiveThrottling, circuitBreaker, fullJitter, none } from "../../policies/index.ts";
import { answeredShare, lateWorkShare } from "../../src/measure/formulas.ts";
import { RunMeter } from "../../src/measure/run-figures.ts";
import type { Policy } from "../../src/policy.ts";
import { defineScenario, type ScenarioInput } from "../../src/scenario.ts";
import { scenarios } from "../../src/scenarios/index.ts";
import { simulate } from "../../src/sim/simulation.ts";

const [slowdown] = scenarios.filter(({ name }) => name === "slowdown");

function at(perSecond: number, input: Partial<ScenarioInput>): ScenarioInput {
  const load = { kind: "open" as const, arrivals: [{ fromMs: 0, perSecond }] };
  const clients = { count: 100 };
  return { name: "refusing", shows: "", runMs: 30_000, warmUpMs: 5_000, load, clients, ...input };
}

/** The share of the calls that needs a part of the server which is down; the other parts are well. */
const partlyDown = (share: number) =>
  at(500, {
    faults: [{ kind: "partial", of: "calls", share, status: 503, fromMs: 0, untilMs: 1e9 }],
  });

/** Twice the load it can take, and each no takes half as long as an answer. */
const dearRejections = at(2_000, { server: { rejection: { costMs: 10 }, queue: { places: 100 } } });

/** Down for a minute, then well. */
const longOutage = at(500, {
  runMs: 150_000,
  warmUpMs: 90_000,
  faults: [{ kind: "outage", fromMs: 30_000, untilMs: 90_000 }],
});

describe.each([1, 2, 3])("seed %d", (seed) => {
  function figures(input: ScenarioInput, policy: Policy) {
    const scenario = defineScenario(input);
    const trace = new RunMeter(scenario);
    simulate({ scenario, policy, seed, trace });
    return trace.figures();
  }

  const answered = (input: ScenarioInput, policy: Policy) =>
    answeredShare(figures(input, policy).total) ?? NaN;

  describe("a circuit breaker", () => {
    const breaker = circuitBreaker(fullJitter());

    test("ends the outage that retries keep alive, and serves more than no retries do", () => {
      expect(answered(slowdown, fullJitter())).toBeLessThan(0.25);
      expect(answered(slowdown, none())).toBeLessThan(0.5);
      expect(answered(slowdown, breaker)).toBeGreaterThan(0.55);
    });

    test("saves the server work for callers who have left", () => {
      const late = (policy: Policy) => lateWorkShare(figures(slowdown, policy)) ?? NaN;
      expect(late(breaker)).toBeLessThan(late(none()) - 0.1);
    });

    test("makes of a part that is down a server that is down", () => {
      expect(answered(partlyDown(0.4), none())).toBeCloseTo(0.6, 1);
      expect(answered(partlyDown(0.4), breaker)).toBeLessThan(0.25);
    });

    test("does so sooner around retries: three failures a call, one answer", () => {
      expect(answered(partlyDown(0.3), circuitBreaker(none()))).toBeGreaterThan(0.65);
      expect(answered(partlyDown(0.3), breaker)).toBeLessThan(0.4);
    });

    test("does nothing for clients that rarely call", () => {
      const rare = { ...slowdown, clients: { count: 20_000 } };
      expect(answered(rare, breaker)).toBeCloseTo(answered(rare, fullJitter()), 2);
    });
  });

  describe("adaptive throttling", () => {
    const throttling = adaptiveThrottling(fullJitter());

    test("keeps answers coming where rejecting costs the time for all of them", () => {
      expect(answered(dearRejections, none())).toBeLessThan(0.02);
      expect(answered(dearRejections, fullJitter())).toBeLessThan(0.02);
      expect(answered(dearRejections, throttling)).toBeGreaterThan(0.3);
    });

    test("does that better than a breaker, which is all or nothing", () => {
      const breaker = circuitBreaker(fullJitter());
      expect(answered(dearRejections, breaker)).toBeLessThan(0.25);
    });

    test("refuses what a part that is well would answer", () => {
      expect(answered(partlyDown(0.5), none())).toBeCloseTo(0.5, 1);
      expect(answered(partlyDown(0.5), throttling)).toBeLessThan(0.3);
    });

    test("is slow to come back after an outage, as it remembers two minutes", () => {
      expect(answered(longOutage, none())).toBeGreaterThan(0.99);
      expect(answered(longOutage, throttling)).toBeLessThan(0.9);
    });
  });
});
