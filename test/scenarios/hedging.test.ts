/** What a hedge is for, what it costs, and what it does where there is no faster server to ask. */
import { describe, expect, test } from "vitest";
import { budgeted, fullJitter, hedged, none } from "../../policies/index.ts";
import { recovery } from "../../src/measure/recovery.ts";
import { RunMeter } from "../../src/measure/run-figures.ts";
import type { Policy } from "../../src/policy.ts";
import { defineScenario, type Scenario } from "../../src/scenario.ts";
import { scenarios } from "../../src/scenarios/index.ts";
import { simulate } from "../../src/sim/simulation.ts";

/** Three requests in a hundred take twenty times as long as the others: 254 ms, not 13. */
const SLOW_NOW_AND_THEN = defineScenario({
  name: "slow-now-and-then",
  shows: "A server that is slow to few.",
  runMs: 62_000,
  warmUpMs: 12_000,
  load: { kind: "open", arrivals: [{ fromMs: 0, perSecond: 300 }] },
  server: {
    service: { distribution: "bimodal", meanMs: 20, slowShare: 0.03, slowFactor: 20 },
    queue: { places: 500 },
  },
});
const [slowdown] = scenarios.filter(({ name }) => name === "slowdown");

function figures(scenario: Scenario, policy: Policy) {
  const meter = new RunMeter(scenario);
  simulate({ scenario, policy, seed: 1, trace: meter });
  const { total, responseUs, ...rest } = meter.figures();
  return {
    amplification: total.requests / total.calls,
    answeredShare: total.answered / total.calls,
    p99Ms: responseUs.getValueAtPercentile(99) / 1000,
    lateShare: rest.lateServiceUs / rest.serviceUs,
    recoveryMs: recovery(scenario, meter.figures(), 1),
  };
}

/** As hedging is often written: after a fixed time, whatever else happens. */
function hedgingAfter(hedgeAfterMs: number): Policy {
  return {
    ...none(),
    name: `hedging-after-${hedgeAfterMs}-ms`,
    claim: undefined,
    hedges: true,
    decide(_state, { kind }) {
      if (kind === "failure") return { do: "stop", why: "attempts" };
      return kind === "start" ? { do: "send", hedgeAfterMs } : { do: "send" };
    },
  };
}

describe("where a server is slow to few", () => {
  const without = figures(SLOW_NOW_AND_THEN, budgeted(fullJitter()));
  const withHedges = figures(SLOW_NOW_AND_THEN, budgeted(hedged(fullJitter())));

  test("hedges bring the 99th percentile from that of the slow to that of the others", () => {
    // The README tells these figures.
    expect(Math.round(without.p99Ms)).toBe(265);
    expect(Math.round(withHedges.p99Ms)).toBe(48);
    expect(withHedges.answeredShare).toBe(without.answeredShare);
  });

  test("for less than a twentieth more requests", () => {
    expect(without.amplification).toBe(1);
    expect(withHedges.amplification).toBeGreaterThan(1.01);
    expect(withHedges.amplification).toBeLessThan(1.05);
  });

  test("and much more of the work: what is slow is still done, for nobody", () => {
    expect(without.lateShare).toBe(0);
    expect(withHedges.lateShare).toBeGreaterThan(0.2);
  });
});

describe("in a slowdown, which ends by itself when nobody hedges", () => {
  const nobody = Number(figures(slowdown, none()).recoveryMs);

  test("hedges after a fixed time and without a budget make it an outage without end", () => {
    expect(nobody).toBeLessThan(15_000);
    expect(figures(slowdown, hedgingAfter(100)).recoveryMs).toBe("never");
  });

  test("a budget pays for them with a few seconds", () => {
    const recoveryMs = Number(figures(slowdown, budgeted(hedgingAfter(100))).recoveryMs);
    expect(recoveryMs).toBeGreaterThan(nobody);
    expect(recoveryMs).toBeLessThan(22_000);
  });

  test("hedges after a percentile end by themselves, for nothing is faster than the rest", () => {
    const { hedges: _, ...once } = hedgingAfter(0);
    const hedging = hedged({
      ...once,
      decide: (_state, { kind }) =>
        kind === "failure" ? { do: "stop", why: "attempts" } : { do: "send" },
    });
    const { amplification, recoveryMs } = figures(slowdown, hedging);
    expect(amplification).toBeLessThan(1.03);
    expect(Number(recoveryMs)).toBeLessThan(16_000);
  });
});
