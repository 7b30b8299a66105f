/** Clients of several kinds and versions in one run. */
import { describe, expect, test } from "vitest";
import { cohortMeter } from "../../src/measure/cohort-meter.ts";
import type { Policy } from "../../src/policy.ts";
import { defineScenario, type Scenario, type ScenarioInput } from "../../src/scenario.ts";
import { simulate } from "../../src/sim/simulation.ts";
import { FannedTrace, RecordedTrace, SilentTrace } from "../../src/trace.ts";
import { retrying, wait } from "./worlds.ts";

/** 400 clients against a server that answers everything with an error, so that a policy shows in its attempts. */
function crowd(input: Partial<ScenarioInput> = {}): Scenario {
  return defineScenario({
    name: "crowd",
    shows: "Who does what.",
    runMs: 10_000,
    patienceMs: 1_000,
    clients: { count: 400, timeoutMs: 100 },
    load: { kind: "open", arrivals: [{ fromMs: 0, perSecond: 400 }] },
    server: { queue: { places: 100 } },
    faults: [{ kind: "partial", fromMs: 0, untilMs: 20_000, share: 1, status: 503 }],
    ...input,
  });
}

const POLICIES: Readonly<Record<string, Policy>> = {
  once: retrying(1),
  twice: retrying(2, 10),
  thrice: retrying(3, 10),
};
const policyOf = (name: string): Policy => POLICIES[name];

/** How many attempts each call made, and when it began. */
class Attempts extends SilentTrace {
  readonly calls: { client: number; startedMs: number; attempts: number }[] = [];

  override callEnded(
    _atUs: number,
    client: number,
    _call: number,
    attempts: number,
    startedUs: number,
  ): void {
    this.calls.push({ client, startedMs: startedUs / 1000, attempts });
  }
}

function attemptsIn(scenario: Scenario, seed = 1) {
  const trace = new Attempts();
  simulate({ scenario, policy: POLICIES.once, policyOf, seed, trace });
  return trace.calls;
}

function linesOf(scenario: Scenario, policy = POLICIES.twice): string[] {
  const trace = new RecordedTrace();
  simulate({ scenario, policy, policyOf, seed: 1, trace });
  return trace.lines;
}

const starts = (lines: readonly string[]) => lines.filter((line) => line.endsWith(" starts"));

/** By client. */
function attemptsByClient(scenario: Scenario, seed = 1): Map<number, Set<number>> {
  const byClient = Map.groupBy(attemptsIn(scenario, seed), ({ client }) => client);
  return new Map(
    [...byClient].map(([client, calls]) => [
      client,
      new Set(calls.map(({ attempts }) => attempts)),
    ]),
  );
}

describe("a cohort", () => {
  const halves = [
    { name: "two", share: 0.5, policy: "twice" },
    { name: "three", share: 0.3, policy: "thrice" },
  ];

  test("has its share of the clients; the rest has the policy under test", () => {
    const byClient = attemptsByClient(crowd({ cohorts: halves }));
    expect([...byClient.values()].every((attempts) => attempts.size === 1)).toBe(true);
    const count = (attempts: number) =>
      [...byClient.values()].filter((own) => own.has(attempts)).length / byClient.size;
    // Five standard deviations of a share of 400.
    for (const [attempts, share] of [
      [1, 0.2],
      [2, 0.5],
      [3, 0.3],
    ]) {
      expect(Math.abs(count(attempts) - share)).toBeLessThan(
        5 * Math.sqrt((share * (1 - share)) / 400),
      );
    }
  });

  test("is another on another seed, and the same whatever else the scenario says", () => {
    const first = attemptsByClient(crowd({ cohorts: halves }));
    const later = crowd({ cohorts: halves, networkMs: 9, load: { kind: "closed", thinkMs: 900 } });
    for (const [client, attempts] of attemptsByClient(later))
      expect(attempts).toEqual(first.get(client) ?? attempts);
    expect(attemptsByClient(crowd({ cohorts: halves }), 2)).not.toEqual(first);
  });

  test("has its share of those who join late, too", () => {
    const load = {
      kind: "closed",
      thinkMs: 1_000,
      joining: { clients: 200, fromMs: 5_000, untilMs: 6_000 },
    } as const;
    const byClient = attemptsByClient(crowd({ cohorts: halves, load }));
    const late = [...byClient].filter(([client]) => client >= 200);
    expect(late.length).toBe(200);
    const two = late.filter(([, attempts]) => attempts.has(2)).length;
    expect(Math.abs(two - 100)).toBeLessThan(5 * Math.sqrt(50));
  });

  test("changes no arrival", () => {
    const plain = starts(linesOf(crowd()));
    expect(plain.length).toBeGreaterThan(3_000);
    expect(starts(linesOf(crowd({ cohorts: halves })))).toEqual(plain);
  });

  test("of the same policy as all others makes no difference at all", () => {
    const twins = [
      { name: "one", share: 0.4 },
      { name: "other", share: 0.6, policy: "twice" },
    ];
    expect(linesOf(crowd({ cohorts: twins }))).toEqual(linesOf(crowd()));
  });

  test("has states of its own clients only, each beginning as `initial`", () => {
    const counting = (limit: number): Policy => ({
      name: `counting ${limit}`,
      initial: { asked: 0 },
      decide(state, event) {
        if (event.kind === "failure") return { do: "stop", why: "attempts" };
        state.asked++;
        return state.asked > limit ? { do: "stop", why: "budget" } : { do: "send" };
      },
    });
    const limits: Readonly<Record<string, Policy>> = { 2: counting(2), 5: counting(5) };
    const scenario = crowd({
      load: { kind: "closed", thinkMs: 300 },
      cohorts: [
        { name: "two", share: 0.5, policy: "2" },
        { name: "five", share: 0.5, policy: "5" },
      ],
    });
    const trace = new Attempts();
    simulate({ scenario, policy: retrying(1), policyOf: (name) => limits[name], seed: 1, trace });
    const byClient = Map.groupBy(trace.calls, ({ client }) => client);
    const sent = [...byClient.values()].map((calls) =>
      calls.reduce((sum, { attempts }) => sum + attempts, 0),
    );
    expect(new Set(sent)).toEqual(new Set([2, 5]));
  });

  test("leaves the mean state to the clients of the policy under test", () => {
    const tested: Policy = { ...retrying(1), initial: { tokens: 7 } };
    const scenario = crowd({ cohorts: [{ name: "two", share: 0.9, policy: "twice" }] });
    const options = { scenario, policyOf, seed: 1, trace: new SilentTrace(), stateAtMs: 5_000 };
    expect(simulate({ ...options, policy: tested }).meanState?.tokens).toBeCloseTo(7, 9);
    const all = crowd({ cohorts: [{ name: "two", share: 1, policy: "twice" }] });
    expect(simulate({ ...options, scenario: all, policy: tested }).meanState).toEqual({});
  });

  test("cannot name a policy that nobody hands in", () => {
    const options = { policy: retrying(1), seed: 1, trace: new SilentTrace() };
    expect(() => simulate({ ...options, scenario: crowd({ cohorts: halves }) })).toThrow(
      'Expected `policyOf`, for cohort "two" of scenario "crowd" has policy "twice", got none.',
    );
    const unnamed = crowd({ cohorts: [{ name: "two", share: 0.5 }] });
    expect(simulate({ ...options, scenario: unnamed }).attempts).toBeGreaterThan(1_000);
  });
});

describe("a roll-out", () => {
  const rollout = (fromMs: number, untilMs: number) => [
    { name: "other app", share: 0.5, policy: "thrice" },
    { name: "app", share: 0.5, policy: "once", rollout: { policy: "twice", fromMs, untilMs } },
  ];

  test("gives each client the new version once, in its window, evenly", () => {
    const calls = attemptsIn(crowd({ cohorts: rollout(2_000, 8_000) })).filter(
      ({ attempts }) => attempts < 3,
    );
    const newShare = (fromMs: number, untilMs: number) => {
      const within = calls.filter(({ startedMs }) => startedMs >= fromMs && startedMs < untilMs);
      expect(within.length).toBeGreaterThan(50);
      return within.filter(({ attempts }) => attempts === 2).length / within.length;
    };
    expect(newShare(0, 2_000)).toBe(0);
    expect(newShare(8_000, 10_000)).toBe(1);
    // Five standard deviations of a share of 200 clients.
    expect(Math.abs(newShare(3_250, 3_750) - 0.25)).toBeLessThan(0.153);
    expect(Math.abs(newShare(4_750, 5_250) - 0.5)).toBeLessThan(0.177);
    expect(Math.abs(newShare(6_250, 6_750) - 0.75)).toBeLessThan(0.153);
    for (const own of Map.groupBy(calls, ({ client }) => client).values()) {
      const versions = own
        .sort((a, b) => a.startedMs - b.startedMs)
        .map(({ attempts }) => attempts);
      expect(versions).toEqual(versions.toSorted());
    }
  });

  test("leaves a call under way with the policy that it began with", () => {
    const herd = { kind: "herd", fromMs: 0, overMs: 0 } as const;
    const slow: Policy = retrying(2, 5_000);
    const trace = new Attempts();
    const scenario = crowd({
      load: herd,
      cohorts: [
        {
          name: "app",
          share: 1,
          policy: "slow",
          rollout: { fromMs: 1, untilMs: 2 },
        },
      ],
    });
    const byName = (name: string) => (name === "slow" ? slow : POLICIES[name]);
    simulate({ scenario, policy: POLICIES.once, policyOf: byName, seed: 1, trace });
    expect(trace.calls.length).toBe(400);
    expect(trace.calls.every(({ attempts }) => attempts === 2)).toBe(true);
  });

  test("begins with the state that the new policy begins with", () => {
    const seen: number[] = [];
    const counting: Policy = {
      name: "counting",
      initial: { calls: 0 },
      decide(state, event) {
        if (event.kind === "failure") return { do: "stop", why: "attempts" };
        if (event.kind === "start" && event.nowMs >= 5_000) seen.push(state.calls);
        state.calls++;
        return { do: "send" };
      },
    };
    const scenario = crowd({
      clients: { count: 1 },
      load: { kind: "open", arrivals: [{ fromMs: 0, perSecond: 20 }] },
      cohorts: [
        {
          name: "app",
          share: 1,
          policy: "it",
          rollout: { policy: "it", fromMs: 4_999, untilMs: 5_000 },
        },
      ],
    });
    simulate({
      scenario,
      policy: POLICIES.once,
      policyOf: () => counting,
      seed: 1,
      trace: new SilentTrace(),
    });
    expect(seen.length).toBeGreaterThan(50);
    expect(seen).toEqual(seen.map((_, index) => index));
  });
});

describe("a flag of a cohort", () => {
  let woken = 0;
  /** Waits for ever, until the flag lets it go. */
  const held: Policy = {
    name: "held",
    initial: {},
    decide(_state, event) {
      if (event.kind === "wake" && event.remainingMs > 0) woken++;
      if (event.flags.boolean("go", false)) return { do: "stop", why: "flag" };
      return event.kind === "wake" && event.remainingMs === 0 ? { do: "send" } : wait(9_000);
    },
  };
  const herd = { kind: "herd", fromMs: 0, overMs: 0 } as const;
  const at = (atMs: number, value: boolean) => ({ atMs, name: "go", value });

  function endsMs(scenario: Scenario): { early: number[]; late: number[] } {
    const trace = new RecordedTrace();
    simulate({ scenario, policy: held, seed: 1, trace });
    const stops = trace.lines
      .filter((line) => line.endsWith(": flag"))
      .map((line) => Number.parseFloat(line));
    return { early: stops.filter((ms) => ms === 1_000), late: stops.filter((ms) => ms === 2_000) };
  }

  test("wakes its clients only, beside those of the scenario", () => {
    const cohorts = [{ name: "beta", share: 0.25, flags: [at(1_000, true)] }];
    const { early, late } = endsMs(crowd({ load: herd, cohorts, flags: [at(2_000, true)] }));
    expect(early.length).toBeGreaterThan(60);
    expect(early.length).toBeLessThan(140);
    expect(late.length).toBe(400 - early.length);
    expect(woken).toBe(400);
  });
});

describe("the figures by cohort", () => {
  test("add up to those of the run, and tell who makes the load", () => {
    const scenario = crowd({
      cohorts: [
        { name: "two", share: 0.5, policy: "twice" },
        { name: "three", share: 0.3, policy: "thrice" },
      ],
      warmUpMs: 1_000,
    });
    const [meter, attempts] = [cohortMeter(scenario, 1), new Attempts()];
    const trace = new FannedTrace(meter, attempts);
    simulate({ scenario, policy: POLICIES.once, policyOf, seed: 1, trace });
    const figures = meter.figures();
    expect(figures.map(({ name }) => name)).toEqual(["two", "three", undefined]);
    const measured = attempts.calls.filter(({ startedMs }) => startedMs >= 1_000);
    expect(figures.reduce((sum, { total }) => sum + total.calls, 0)).toBe(measured.length);
    // The last waits of before the warm-up end after it.
    for (const [index, factor] of [2, 3, 1].entries()) {
      const { requests, calls } = figures[index].total;
      expect(requests / calls).toBeGreaterThanOrEqual(factor);
      expect(requests / calls).toBeLessThan(factor + 0.01);
    }
  });
});
