/**
 * What a server can do for itself. In the scenario `slowdown` retries never let it recover: it works through
 * a long queue for callers who have left. How it keeps its queue decides, more than the policy does.
 */
import { describe, expect, test } from "vitest";
import { type PolicyName, registry } from "../../policies/index.ts";
import { answeredShare, lateWorkShare } from "../../src/measure/formulas.ts";
import { recovery } from "../../src/measure/recovery.ts";
import { RunMeter } from "../../src/measure/run-figures.ts";
import { defineScenario, type ServerSpec } from "../../src/scenario.ts";
import { scenarios } from "../../src/scenarios/index.ts";
import { simulate } from "../../src/sim/simulation.ts";

const [slowdown] = scenarios.filter(({ name }) => name === "slowdown");

function figuresWith(queue: Partial<ServerSpec["queue"]>, name: PolicyName, seed: number) {
  const { server } = slowdown;
  const changed = { ...server, queue: { ...server.queue, ...queue } };
  const scenario = defineScenario({ ...slowdown, server: changed });
  const { retry, patienceMs } = scenario;
  const attemptsMax = retry.attemptsMax ?? Infinity;
  const policy = registry[name].make({ ...retry, attemptsMax, deadlineMs: patienceMs });
  const trace = new RunMeter(scenario);
  simulate({ scenario, policy, seed, trace });
  const figures = trace.figures();
  return {
    recoveryMs: recovery(scenario, figures, 1),
    answered: answeredShare(figures.total),
    late: lateWorkShare(figures),
  };
}

describe.each([1, 2, 3])("after a slowdown, with exponential backoff, seed %d", (seed) => {
  test("a long queue in order never recovers: nearly all its work is late", () => {
    const { recoveryMs, late } = figuresWith({}, "exponential", seed);
    expect(recoveryMs).toBe("never");
    expect(late).toBeGreaterThan(0.8);
  });

  const codel = { targetMs: 5, intervalMs: 100 };
  test.each<[string, Partial<ServerSpec["queue"]>]>([
    ["controlled delay", { codel }],
    ["adaptive LIFO", { order: "adaptive-lifo", lifoAbove: 50 }],
    ["both, as at Facebook", { order: "adaptive-lifo", lifoAbove: 50, codel }],
  ])("%s recovers at once", (_what, queue) => {
    const { recoveryMs, answered } = figuresWith(queue, "exponential", seed);
    expect(recoveryMs).toBe(0);
    expect(answered).toBeGreaterThan(0.8);
  });

  // In order, who is served is always the one whose time is nearly up.
  test("dropping what is expired does not help in order, though it does without retries", () => {
    const { recoveryMs, late } = figuresWith({ dropsExpired: true }, "exponential", seed);
    expect(recoveryMs).toBe("never");
    expect(late).toBeGreaterThan(0.7);
    expect(figuresWith({ dropsExpired: true }, "none", seed).recoveryMs).toBe(0);
    expect(figuresWith({}, "none", seed).recoveryMs).toBeGreaterThan(10_000);
  });

  test("dropping what is expired saves the work that last in first out does too late", () => {
    const { late } = figuresWith({ order: "lifo" }, "exponential", seed);
    expect(late).toBeGreaterThan(0.15);
    const dropping = figuresWith({ order: "lifo", dropsExpired: true }, "exponential", seed);
    expect(dropping.late).toBeLessThan(0.01);
    expect(dropping.recoveryMs).toBe(0);
  });
});
