/** What a whole run does: the same again for the same seed, cut at its bound, and at scale. */
import { describe, expect, test } from "vitest";
import type { Policy } from "../../src/policy.ts";
import { defineScenario, type ScenarioInput } from "../../src/scenario.ts";
import { simulate } from "../../src/sim/simulation.ts";
import type { Trace } from "../../src/trace.ts";
import { record, retrying, SEND, stateless, wait, world } from "./worlds.ts";

/** Open load above capacity, and every kind of failure. */
const busy = defineScenario({
  name: "busy",
  shows: "Something of everything.",
  runMs: 2_000,
  patienceMs: 500,
  clients: { count: 50, timeoutMs: 40 },
  load: { kind: "open", arrivals: [{ fromMs: 0, perSecond: 300 }] },
  server: {
    workers: [{ fromMs: 0, workers: 4 }],
    service: { distribution: "exponential", meanMs: 20 },
    queue: { places: 10, order: "lifo" },
    rejection: { status: 503, costMs: 2 },
  },
  faults: [
    { kind: "outage", fromMs: 500, untilMs: 600 },
    { kind: "partial", fromMs: 800, untilMs: 1_000, share: 0.5, status: 500 },
  ],
});
const jittered: Policy = {
  ...retrying(4),
  decide: (_state, event, random) =>
    event.kind === "failure" && event.attempt < 4
      ? wait(50 * random())
      : event.kind === "failure"
        ? { do: "stop", why: "attempts" }
        : SEND,
};

const silent: Trace = {
  callStarted() {},
  requestSent() {},
  requestEnded() {},
  flagsRequested() {},
  flagsRequestEnded() {},
  waitStarted() {},
  callEnded() {},
  served() {},
};

describe("a run", () => {
  test("is the same again for the same seed, and another for another", () => {
    const first = record(busy, jittered, { seed: 7 });
    expect(first.lines.length).toBeGreaterThan(3_000);
    expect(record(busy, jittered, { seed: 7 })).toEqual(first);
    expect(record(busy, jittered, { seed: 8 }).lines).not.toEqual(first.lines);
  });

  test("has the same calls whatever the policy, in open load", () => {
    const starts = (policy: Policy) =>
      record(busy, policy).lines.filter((line) => line.endsWith(" starts"));
    expect(starts(jittered)).toEqual(starts(retrying(1)));
    expect(starts(jittered)).toEqual(starts(retrying(10, 3)));
    expect(starts(jittered).length).toBeGreaterThan(500);
  });

  test("draws the same service time for the same request whatever the policy", () => {
    const workers = [{ fromMs: 0, workers: 1_000 }];
    const scenario = { ...busy, server: { ...busy.server, workers }, faults: [] };
    const works = (policy: Policy) =>
      new Set(record(scenario, policy).lines.flatMap((l) => /server: (\S+) ms/.exec(l)?.[1] ?? []));
    const [without, withRetries] = [works(retrying(1)), works(retrying(3, 1))];
    expect(without.size).toBeGreaterThan(500);
    expect(withRetries.size).toBeGreaterThan(without.size * 1.1);
    expect([...without].filter((work) => !withRetries.has(work))).toEqual([]);
  });

  test("is cut when its bound on attempts is met, and says so", () => {
    const whole = record(busy, jittered).end;
    expect(whole).toMatchObject({ cut: false, endUs: 2_500_000 });
    const { end, lines } = record(busy, jittered, { attemptsBound: 100 });
    expect(end).toMatchObject({ cut: true, attempts: 100 });
    expect(end.endUs).toBeLessThan(500_000);
    // What was begun is accounted for.
    const count = (what: RegExp) => lines.filter((line) => what.test(line)).length;
    expect(count(/ starts$/)).toBe(count(/ ends after /));
    expect(count(/attempt \d+ sent$/)).toBe(count(/attempt \d+: /));
  });

  test("is cut between ticks: what is due with the attempt that meets the bound still happens", () => {
    const herd = world({
      load: { kind: "herd", fromMs: 0, overMs: 0 },
      clients: { count: 3, timeoutMs: 100 },
    });
    const { end } = record(herd, jittered, { attemptsBound: 1 });
    expect(end).toMatchObject({ cut: true, calls: 3, attempts: 3 });
  });

  test("ends after the time to drain; what then still runs is unfinished", () => {
    const server = { workers: [{ fromMs: 0, workers: 0 }], queue: { places: 1, order: "fifo" } };
    const clients = { count: 2, timeoutMs: 10_000 };
    const policy = stateless(() => wait(5_000));
    const { lines, end } = record(world({ clients, server: server as never }), policy);
    expect(end).toMatchObject({ cut: false, endUs: 2_000_000, calls: 2, attempts: 2 });
    expect(lines.slice(-3)).toEqual([
      "2000 ms client 0 call 1 attempt 1: unfinished",
      "2000 ms client 0 call 1 ends after 1 attempt: unfinished",
      "2000 ms client 1 call 1 ends after 1 attempt: unfinished",
    ]);
  });

  test("counts calls, attempts and retries as its trace has them", () => {
    const { end, lines } = record(busy, jittered);
    const count = (what: RegExp) => lines.filter((line) => what.test(line)).length;
    expect(end.calls).toBe(count(/ starts$/));
    expect(end.attempts).toBe(count(/attempt \d+ sent$/));
    expect(end.retries).toBe(count(/attempt ([2-9]|\d\d+) sent$/));
  });
});

describe("scale", () => {
  const big = (input: Partial<ScenarioInput>) =>
    defineScenario({
      name: "big",
      shows: "Many clients.",
      runMs: 5_000,
      patienceMs: 1_000,
      clients: { count: 100_000, timeoutMs: 1_000 },
      load: { kind: "herd", fromMs: 0, overMs: 0 },
      server: {
        workers: [{ fromMs: 0, workers: 500 }],
        service: { distribution: "exponential", meanMs: 20 },
        queue: { places: 20_000, order: "fifo" },
        rejection: { status: 503, costMs: 0 },
      },
      ...input,
    });

  test("a herd of 100,000 at one moment", () => {
    const end = simulate({ scenario: big({}), policy: retrying(3, 500), seed: 1, trace: silent });
    expect(end.calls).toBe(100_000);
    expect(end.attempts).toBeGreaterThan(150_000);
  });

  test("100,000 users who think and call", () => {
    const scenario = big({ load: { kind: "closed", thinkMs: 10_000 } });
    const end = simulate({ scenario, policy: retrying(3, 500), seed: 1, trace: silent });
    expect(end.calls).toBeGreaterThan(45_000);
    expect(end.calls).toBeLessThan(55_000);
  });
});
