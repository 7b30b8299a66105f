import { describe, expect, test } from "vitest";
import {
  amplification,
  answeredShare,
  answeredShareOfDemand,
  droppedShare,
  goodputPerSecond,
  lateWorkShare,
  loadPerSecond,
  medianResponseMs,
  p99Ms,
  resetAmplification,
  unloadedResponseMs,
} from "../../src/measure/formulas.ts";
import { responseHistogram } from "../../src/measure/run-figures.ts";
import { callNumber } from "../../src/traffic.ts";
import { Feed, scenarioOf } from "./feeding.ts";

describe("answered share", () => {
  test("calls answered within patience ÷ calls; patience itself is in time", () => {
    const feed = new Feed(scenarioOf({ patienceMs: 1_000 }));
    feed.call(0, 10).call(1, 1_000).call(2, 1_000.001).call(3, undefined);
    expect(answeredShare(feed.figures.total)).toBe(2 / 4);
  });

  test("counts no call that was given up, refused, or unfinished", () => {
    const { meter, figures } = new Feed(scenarioOf());
    for (const [call, end] of (
      ["budget", "unfinished", "abandoned", "answered"] as const
    ).entries()) {
      meter.callStarted(0);
      meter.callEnded(10_000, 0, call, 1, 0, end);
    }
    expect(answeredShare(figures.total)).toBe(1 / 4);
  });

  test("counts no answer to work that was not done; that is told apart", () => {
    const { meter, figures } = new Feed(scenarioOf({ patienceMs: 1_000 }));
    for (const [call, [end, responseMs]] of (
      [
        ["answered", 10],
        ["dropped", 10],
        ["dropped", 1_000],
        ["dropped", 1_001],
      ] as const
    ).entries()) {
      meter.callStarted(0);
      meter.callEnded(responseMs * 1000, 0, call, 1, 0, end);
    }
    expect(answeredShare(figures.total)).toBe(1 / 4);
    expect(droppedShare(figures.total)).toBe(2 / 4);
    expect(figures.responseUs.totalCount).toBe(1);
    expect(droppedShare(new Feed(scenarioOf()).figures.total)).toBeNull();
  });

  test("is unknown without calls", () => {
    expect(answeredShare(new Feed(scenarioOf()).figures.total)).toBeNull();
  });
});

describe("amplification", () => {
  test("all requests ÷ calls, session resets included and also shown apart", () => {
    const feed = new Feed(scenarioOf());
    feed.call(0, 10).call(1, 10, 3).call(2, undefined, 2, 3).call(3, 10);
    const { total } = feed.figures;
    expect(total).toEqual({
      calls: 4,
      answered: 3,
      dropped: 0,
      attempts: 7,
      requests: 10,
      resetRequests: 3,
      flagRequests: 0,
    });
    expect(amplification(total)).toBe(10 / 4);
    expect(resetAmplification(total)).toBe(3 / 4);
  });

  test("is unknown without calls, even with requests of earlier ones", () => {
    const { total } = new Feed(scenarioOf()).request(5).figures;
    expect(amplification(total)).toBeNull();
    expect(resetAmplification(total)).toBeNull();
  });
});

describe("load and goodput", () => {
  test("requests, and calls answered in time, a second of the measured time", () => {
    const scenario = scenarioOf({ runMs: 6_000, warmUpMs: 1_000 });
    const feed = new Feed(scenario).call(500, 10, 9);
    feed.call(1_000, 10).call(2_000, 1_001, 2, 3).call(5_999, 20, 4);
    expect(loadPerSecond(scenario, feed.figures.total)).toBe(10 / 5);
    expect(goodputPerSecond(scenario, feed.figures.total)).toBe(2 / 5);
  });
});

describe("the median response", () => {
  test("is that of the calls answered in time, and unknown without any", () => {
    const feed = new Feed(scenarioOf()).call(0, 5_000).call(1, undefined);
    expect(medianResponseMs(feed.figures)).toBeNull();
    feed.call(2, 10).call(3, 20).call(4, 900);
    expect(medianResponseMs(feed.figures)).toBeCloseTo(20, 1);
  });
});

describe("the stretches of a run", () => {
  const scenario = scenarioOf({ warmUpMs: 1_000, trigger: { fromMs: 5_000, untilMs: 6_000 } });

  test("nothing before the warm-up's end is measured, but the series has it", () => {
    const { figures } = new Feed(scenario).call(999.999, 10, 2).call(1_000, 10);
    expect(figures.total).toEqual({
      calls: 1,
      answered: 1,
      dropped: 0,
      attempts: 1,
      requests: 1,
      resetRequests: 0,
      flagRequests: 0,
    });
    expect(figures.responseUs.totalCount).toBe(1);
    expect(figures.started[9]).toBe(1);
    expect(figures.answered[9]).toBe(1);
  });

  test("calls count where they begin, requests where they are sent", () => {
    const feed = new Feed(scenario).call(2_000, 10).call(4_999, 500, 1).call(5_000, 10, 1, 1);
    // The second attempt of the call of 4,999 ms, sent in the trigger.
    feed.request(5_200);
    const { beforeTrigger, fromTrigger, total } = feed.figures;
    expect(beforeTrigger).toEqual({
      calls: 2,
      answered: 2,
      dropped: 0,
      attempts: 2,
      requests: 2,
      resetRequests: 0,
      flagRequests: 0,
    });
    expect(fromTrigger).toEqual({
      calls: 1,
      answered: 1,
      dropped: 0,
      attempts: 2,
      requests: 3,
      resetRequests: 1,
      flagRequests: 0,
    });
    expect(total).toEqual({
      calls: 3,
      answered: 3,
      dropped: 0,
      attempts: 4,
      requests: 5,
      resetRequests: 1,
      flagRequests: 0,
    });
  });

  test("of a herd the answers are noted, and not those to other calls of its clients", () => {
    const { meter, figures } = new Feed(
      scenarioOf({ load: { kind: "herd", fromMs: 0, overMs: 0 } }),
    );
    meter.callEnded(7_000, 0, callNumber(0, 1), 1, 0, "answered");
    meter.callEnded(8_000, 0, callNumber(1, 1), 1, 0, "answered");
    expect(figures.answeredAtUs).toEqual([7_000]);
  });

  test("without a trigger everything is before it", () => {
    const { beforeTrigger, fromTrigger } = new Feed(scenarioOf()).call(50_000, 10).figures;
    expect(beforeTrigger.calls).toBe(1);
    expect(fromTrigger.calls).toBe(0);
  });

  test("the series is by time of start, in bins of 100 ms, up to the last of the run", () => {
    const { started, answered } = new Feed(scenario)
      .call(0, 10)
      .call(99.999, undefined)
      .call(100, 900)
      .call(59_999.999, 10).figures;
    expect(started).toHaveLength(600);
    expect([started[0], started[1], started[599]]).toEqual([2, 1, 1]);
    expect([answered[0], answered[1], answered[10], answered[599]]).toEqual([1, 1, 0, 1]);
  });
});

describe("late work", () => {
  test("work for callers who had left ÷ all work", () => {
    const { meter, figures: before } = new Feed(scenarioOf({ warmUpMs: 1_000 }));
    expect(lateWorkShare(before)).toBeNull();
    meter.served(999_999, 50_000, true);
    meter.served(1_000_000, 30_000, false);
    meter.served(2_000_000, 10_000, true);
    meter.served(3_000_000, 20_000, true);
    expect(meter.figures()).toMatchObject({ serviceUs: 60_000, lateServiceUs: 30_000 });
    expect(lateWorkShare(meter.figures())).toBe(0.5);
  });
});

describe("closed load", () => {
  // 100 users, 970 ms of thought, 2 · 5 + 20 ms of response: 100 calls a second.
  const closed = scenarioOf({
    runMs: 11_000,
    warmUpMs: 1_000,
    load: { kind: "closed", thinkMs: 970 },
    clients: { count: 100, timeoutMs: 1_000 },
  });

  test("an unloaded server answers after the network twice and its service time", () => {
    expect(unloadedResponseMs(closed)).toBe(30);
    const behind = {
      name: "store",
      networkMs: 2,
      server: { service: { distribution: "deterministic" as const, meanMs: 7 } },
    };
    expect(
      unloadedResponseMs(scenarioOf({ downstream: [behind, { ...behind, name: "log" }] })),
    ).toBe(30 + 11 + 11);
  });

  test("divides by what users would have asked of an unloaded server", () => {
    const feed = new Feed(closed);
    for (let call = 0; call < 250; call++) feed.call(1_000 + call, 30);
    feed.call(500, 30).call(2_000, undefined);
    expect(answeredShareOfDemand(closed, feed.figures)).toBe(250 / 1_000);
    expect(answeredShare(feed.figures.total)).toBe(250 / 251);
  });

  test("counts those who join from when they join, and their first calls after the warm-up", () => {
    const load = {
      kind: "closed" as const,
      thinkMs: 970,
      joining: { clients: 80, fromMs: 10_000, untilMs: 30_000 },
    };
    const asked = (warmUpMs: number) => {
      const scenario = scenarioOf({ load, warmUpMs, clients: { count: 100, timeoutMs: 1_000 } });
      expect([scenario.runMs, unloadedResponseMs(scenario)]).toEqual([60_000, 30]);
      const feed = new Feed(scenario).call(59_000, 30);
      return 1 / (answeredShareOfDemand(scenario, feed.figures) ?? 0);
    };
    // 20 settled users; 80 come at 20 s on average. A call a second each, and the first of each newcomer.
    expect(asked(0)).toBeCloseTo(20 * 60 + 80 * 40 + 80);
    // From 20 s on: 40 are there already, 40 more come at 25 s on average.
    expect(asked(20_000)).toBeCloseTo(60 * 40 + 40 * 35 + 40);
    expect(asked(40_000)).toBeCloseTo(100 * 20);
  });

  test("is the only load of which demand can be lost", () => {
    const scenario = scenarioOf();
    expect(answeredShareOfDemand(scenario, new Feed(scenario).figures)).toBeNull();
  });
});

describe("p99", () => {
  /** Answers after 1, 2, 3, … ms. */
  const answered = (count: number) => {
    const responseUs = responseHistogram(10_000_000);
    for (let ms = 1; ms <= count; ms++) responseUs.recordValue(ms * 1000);
    return responseUs;
  };

  test.each([
    [1_000, 1_000, 990],
    [1_000, 995, 990],
    [1_000, 990, 990],
    [100, 100, 99],
    [100, 99, 99],
    [50, 50, 50],
    [1, 1, 1],
  ])("of %d calls, %d of them answered, is the %dth of all calls", (calls, count, rank) => {
    const value = p99Ms(calls, answered(count)) ?? Number.NaN;
    // Three significant digits.
    expect(Math.abs(value / rank - 1)).toBeLessThan(0.001);
  });

  test.each([
    [1_000, 989],
    [100, 98],
    [50, 49],
    [1, 0],
    [0, 0],
  ])("of %d calls, %d of them answered, is unknown", (calls, count) => {
    expect(p99Ms(calls, answered(count))).toBeNull();
  });

  test("asks for 99 of a hundred exactly, however many hundreds", () => {
    const responseUs = responseHistogram(1_000);
    for (let hundreds = 1; hundreds <= 3_000; hundreds++) {
      responseUs.recordValueWithCount(5, 99);
      expect(p99Ms(hundreds * 100, responseUs)).toBe(0.005);
    }
  });

  test("holds response times up to the patience", () => {
    for (const patienceMs of [0.001, 1, 1_234.567, 120_000, 86_400_000]) {
      const responseUs = responseHistogram(patienceMs * 1000);
      responseUs.recordValue(patienceMs * 1000);
      const value = p99Ms(1, responseUs) ?? Number.NaN;
      expect(Math.abs(value / patienceMs - 1)).toBeLessThan(0.001);
    }
  });
});
