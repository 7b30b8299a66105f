/** Clients that fetch their flags from the server that they call. */
import { describe, expect, test } from "vitest";
import { cohortMeter } from "../../src/measure/cohort-meter.ts";
import { amplification, resetAmplification } from "../../src/measure/formulas.ts";
import { RunMeter } from "../../src/measure/run-figures.ts";
import { addTo, tally } from "../../src/measure/tally.ts";
import { trafficMeter } from "../../src/measure/traffic-meter.ts";
import type { Policy } from "../../src/policy.ts";
import type { Scenario } from "../../src/scenario.ts";
import { simulate } from "../../src/sim/simulation.ts";
import { FannedTrace } from "../../src/trace.ts";
import { at, never, record, stateless, world } from "./worlds.ts";

/** One client that calls about every 40 ms; its flags are never new enough. */
function eager(input: Parameters<typeof world>[0] = {}): Scenario {
  return world({
    clients: { count: 1, timeoutMs: 30, flagsRefreshMs: 1 },
    load: { kind: "closed", thinkMs: 40 },
    flags: [{ atMs: 300, name: "stop", value: true }],
    ...input,
    server: { workers: [{ fromMs: 0, workers: 2 }], ...input.server },
  });
}

/** Notes the flag at the beginning of each call. */
function noting(): Policy & { readonly seen: { nowMs: number; isOn: boolean }[] } {
  const seen: { nowMs: number; isOn: boolean }[] = [];
  return {
    ...never,
    seen,
    decide(state, event, random) {
      if (event.kind !== "start") return never.decide(state, event, random);
      seen.push({ nowMs: event.nowMs, isOn: event.flags.boolean("stop", false) });
      return { do: "send" };
    },
  };
}

const momentsOf = (lines: readonly string[], what: RegExp) =>
  lines.filter((line) => what.test(line)).map((line) => Number.parseFloat(line));

describe("a client with old flags", () => {
  test("asks for new ones as it begins a call, and does not wait for them", () => {
    const { lines } = record(eager());
    const [first] = momentsOf(lines, /starts$/);
    expect(at(lines, first)).toEqual([
      "client 0 call 1 starts",
      "client 0 call 1 flags requested",
      "client 0 call 1 attempt 1 sent",
    ]);
    // There, 10 ms of work beside that of the call, and back.
    expect(at(lines, first + 12)).toEqual([
      "client 0 call 1 flags: answered",
      "client 0 call 1 attempt 1: answered",
      "client 0 call 1 ends after 1 attempt: answered",
    ]);
  });

  test("knows a change from the first fetch on that the server answers after it", () => {
    const policy = noting();
    const load = { kind: "open" as const, arrivals: [{ fromMs: 0, perSecond: 200 }] };
    const { lines } = record(eager({ load }), policy);
    // It is on from 300 ms; the answer takes 1 ms to come back.
    const toldMs = momentsOf(lines, /flags: answered$/).find((ms) => ms - 1 >= 300) ?? 0;
    const expected = policy.seen.map(({ nowMs }) => ({ nowMs, isOn: nowMs >= toldMs }));
    expect(policy.seen).toEqual(expected);
    expect(policy.seen.filter(({ isOn }) => isOn).length).toBeGreaterThan(5);
    expect(policy.seen.some(({ nowMs, isOn }) => nowMs > 300 && !isOn)).toBe(true);
  });

  test("learns nothing from a server in trouble, asks again with each call, and learns when it is over", () => {
    const policy = noting();
    const outage = { kind: "outage" as const, fromMs: 250, untilMs: 700 };
    const { lines } = record(eager({ faults: [outage] }), policy);
    const during = policy.seen.filter(({ nowMs }) => nowMs >= 250 && nowMs < 690);
    expect(during.length).toBeGreaterThan(5);
    expect(momentsOf(lines, /flags: connection$/).length).toBeGreaterThanOrEqual(during.length - 1);
    expect(during.filter(({ isOn }) => isOn)).toEqual([]);
    expect(policy.seen.at(-1)?.isOn).toBe(true);
  });

  test("has one request for them on its way at a time, and leaves it at the timeout", () => {
    const { lines } = record(
      eager({
        load: { kind: "open", arrivals: [{ fromMs: 0, perSecond: 200 }] },
        server: { workers: [{ fromMs: 0, workers: 0 }], queue: { places: 999, order: "fifo" } },
      }),
    );
    const asked = momentsOf(lines, /flags requested$/);
    const ended = momentsOf(lines, /flags: timeout$/);
    expect(ended.slice(0, -1)).toEqual(asked.slice(0, ended.length - 1).map((ms) => ms + 30));
    expect(asked.slice(1).every((ms, index) => ms >= ended[index])).toBe(true);
    expect(asked.length).toBeLessThan(35);
  });

  test("asks no sooner than its flags are old", () => {
    const clients = { count: 1, timeoutMs: 30, flagsRefreshMs: 200 };
    const { lines } = record(eager({ clients }));
    const answered = momentsOf(lines, /flags: answered$/);
    const asked = momentsOf(lines, /flags requested$/);
    expect(asked.length).toBeGreaterThan(2);
    for (const [index, ms] of asked.slice(1).entries()) {
      expect(ms - answered[index]).toBeGreaterThanOrEqual(200);
    }
  });
});

describe("clients of a cohort with flags of its own", () => {
  test("fetch those of their cohort", () => {
    const policy = noting();
    const scenario = eager({
      clients: { count: 60, timeoutMs: 30, flagsRefreshMs: 1 },
      flags: [],
      cohorts: [{ name: "early", share: 0.5, flags: [{ atMs: 300, name: "stop", value: true }] }],
      server: { workers: [{ fromMs: 0, workers: 200 }] },
    });
    record(scenario, policy);
    const late = policy.seen.filter(({ nowMs }) => nowMs > 700);
    const share = late.filter(({ isOn }) => isOn).length / late.length;
    expect(Math.abs(share - 0.5)).toBeLessThan(0.25);
    expect(policy.seen.some(({ nowMs, isOn }) => nowMs < 300 && isOn)).toBe(false);
  });
});

describe("a request for flags", () => {
  test("passes gates and caps, which are for what calls send", () => {
    const bucket = { fromMs: 0, of: "server" as const, perSecond: 0.001, burst: 1 };
    for (const door of [
      { admission: [{ fromMs: 0, gate: "closed" as const }] },
      { admission: [{ fromMs: 0, gate: "drop" as const }] },
      { rateCap: [bucket] },
    ]) {
      const { lines } = record(eager({ server: door }));
      expect(momentsOf(lines, /flags: answered$/).length).toBeGreaterThan(10);
    }
  });

  test("is lost, fails and waits like any other", () => {
    const loss = { kind: "loss" as const, fromMs: 0, untilMs: 9_999, share: 1 };
    const partial = { ...loss, kind: "partial" as const, status: 502 };
    const lost = record(eager({ faults: [loss] })).lines;
    expect(momentsOf(lost, /flags: timeout$/).length).toBeGreaterThan(5);
    const failed = record(eager({ faults: [partial] })).lines;
    expect(momentsOf(failed, /flags: rejected 502$/).length).toBeGreaterThan(5);
  });

  test("is load, and no attempt, no retry and no session reset", () => {
    const scenario = eager();
    const meter = new RunMeter(scenario);
    const end = simulate({ scenario, policy: never, seed: 1, trace: meter });
    const { total } = meter.figures();
    expect(total.flagRequests).toBeGreaterThan(10);
    expect(total.requests).toBe(total.attempts + total.flagRequests);
    expect(end.attempts).toBe(total.attempts);
    expect(amplification(total)).toBe(total.requests / total.calls);
    expect(resetAmplification(total)).toBe(0);
  });

  test("is load of its client's cohort, and of the traffic that its call belongs to", () => {
    const scenario = eager({ cohorts: [{ name: "half", share: 0.5 }] });
    const [whole, halves, kinds] = [
      new RunMeter(scenario),
      cohortMeter(scenario, 1),
      trafficMeter(scenario),
    ];
    const trace = new FannedTrace(whole, halves, kinds);
    simulate({ scenario, policy: never, seed: 1, trace });
    for (const meter of [halves, kinds]) {
      const sum = tally();
      for (const { total } of meter.figures()) addTo(sum, total);
      expect(sum).toEqual(whole.figures().total);
    }
  });

  test("that is on its way at the end is unfinished", () => {
    const scenario = eager({
      patienceMs: 1,
      clients: { count: 3, timeoutMs: 5_000, flagsRefreshMs: 1 },
      load: { kind: "herd", fromMs: 5, overMs: 0 },
      runMs: 10,
      server: { workers: [{ fromMs: 0, workers: 0 }], queue: { places: 9, order: "fifo" } },
    });
    const { lines } = record(
      scenario,
      stateless(() => ({ do: "stop", why: "attempts" })),
    );
    const asked = momentsOf(lines, /flags requested$/).length;
    expect(asked).toBeGreaterThan(0);
    expect(lines.slice(-asked).every((line) => line.endsWith("flags: unfinished"))).toBe(true);
  });
});
