import { describe, expect, test } from "vitest";
import { capacityPerSecond, offeredPerSecond, recovery } from "../../src/measure/recovery.ts";
import { SCENARIO_DEFAULTS, type ScenarioInput } from "../../src/scenario.ts";
import { Feed, scenarioOf } from "./feeding.ts";

const { server } = SCENARIO_DEFAULTS;
const trigger = { fromMs: 10_000, untilMs: 20_000 };
const open = (perSecond: number) => ({
  kind: "open" as const,
  arrivals: [{ fromMs: 0, perSecond }],
});

/** One call every 10 ms, 300 a window; `isAnswered` says which of them are answered. */
function recoveryOf(
  isAnswered: (fromMs: number) => boolean,
  input: Partial<ScenarioInput> = {},
  { everyMs = 10, healthyShare = 1 } = {},
) {
  const scenario = scenarioOf({ trigger, ...input });
  const feed = new Feed(scenario);
  for (let fromMs = 0; fromMs < scenario.runMs; fromMs += everyMs) {
    feed.call(fromMs, isAnswered(fromMs) ? 10 : undefined);
  }
  return recovery(scenario, feed.figures, healthyShare);
}

const nineOfTen = (fromMs: number) => (fromMs / 10) % 10 !== 0;

describe("recovery", () => {
  test("is null without a trigger", () => {
    expect(recoveryOf(() => true, { trigger: undefined })).toBeNull();
  });

  test("is 0 when calls are answered from the end of the trigger on, whatever came before", () => {
    expect(recoveryOf((fromMs) => fromMs >= 20_000)).toBe(0);
  });

  test("is when the first good window begins: one that is nine tenths answered", () => {
    // Answered from 25 s on: the window from 24.7 s has 30 of 300 unanswered, the one before has 40.
    expect(recoveryOf((fromMs) => fromMs >= 25_000)).toBe(4_700);
  });

  test("needs every later window to be good", () => {
    const relapse = (fromMs: number) => fromMs < 40_000 || fromMs >= 41_000;
    // The last window with more than 30 of the 100 lost calls begins at 40.6 s.
    expect(recoveryOf(relapse)).toBe(20_700);
    const brief = (fromMs: number) => fromMs < 40_000 || fromMs >= 40_300;
    expect(recoveryOf(brief)).toBe(0);
  });

  test("is never when the last window of the run is bad", () => {
    expect(recoveryOf((fromMs) => fromMs < 10_000)).toBe("never");
    expect(recoveryOf((fromMs) => fromMs < 59_600)).toBe("never");
    expect(recoveryOf((fromMs) => fromMs < 59_700)).toBe(0);
  });

  test("cannot be told when no whole window is left after the trigger", () => {
    const late = { trigger: { fromMs: 10_000, untilMs: 57_100 } };
    expect(recoveryOf(() => true, late)).toBeNull();
    expect(recoveryOf(() => true, { trigger: { fromMs: 10_000, untilMs: 57_000 } })).toBe(0);
  });

  test("cannot be told from windows with less than 100 calls", () => {
    const none = () => false;
    // One call in 31 ms is 96 or 97 a window; one in 30 ms is 100.
    expect(recoveryOf(none, {}, { everyMs: 31 })).toBeNull();
    expect(recoveryOf(none, {}, { everyMs: 30 })).toBe("never");
  });

  test("starts from the end of the trigger, though bins are whole", () => {
    const odd = { trigger: { fromMs: 10_000, untilMs: 20_050 } };
    expect(recoveryOf(() => true, odd)).toBe(50);
  });

  test("asks for nine tenths of what `none` had before the trigger", () => {
    const eightOfTen = (fromMs: number) => (fromMs / 10) % 5 !== 0;
    expect(recoveryOf(nineOfTen)).toBe(0);
    expect(recoveryOf(eightOfTen)).toBe("never");
    expect(recoveryOf(eightOfTen, {}, { healthyShare: 0.88 })).toBe(0);
    expect(recoveryOf(eightOfTen, {}, { healthyShare: 0.9 })).toBe("never");
  });

  test("asks for no more than the capacity of that moment allows", () => {
    const half = (fromMs: number) => (fromMs / 10) % 2 === 0;
    const workers = (count: number) => ({
      server: { ...server, workers: [{ fromMs: 0, workers: count }] },
    });
    // 1 worker answers 50 of the 100 a second: 0.9 · 0.5 is asked for. 2 could answer all.
    expect(recoveryOf(half, workers(1))).toBe(0);
    expect(recoveryOf(half, workers(2))).toBe("never");
    const none = () => false;
    expect(recoveryOf(none, workers(0))).toBe(0);
    // The rule follows the plan: half is enough until there are two.
    const plan = [
      { fromMs: 0, workers: 1 },
      { fromMs: 40_000, workers: 2 },
    ];
    const growing = { server: { ...server, workers: plan } };
    expect(recoveryOf((fromMs) => fromMs >= 40_000 || half(fromMs), growing)).toBe(0);
    expect(recoveryOf((fromMs) => fromMs >= 45_000 || half(fromMs), growing)).toBeGreaterThan(
      20_000,
    );
  });
});

describe("recovery of a herd", () => {
  const herd = {
    load: { kind: "herd" as const, fromMs: 0, overMs: 0 },
    trigger: { fromMs: 0, untilMs: 2_000 },
    clients: { count: 200, timeoutMs: 1_000 },
    patienceMs: 30_000,
  };
  const recoveryWith = (answersMs: readonly number[]) => {
    const scenario = scenarioOf(herd);
    const feed = new Feed(scenario);
    for (const ms of answersMs) feed.call(0, ms);
    return recovery(scenario, feed.figures, 1);
  };
  const answers = (count: number) => Array.from({ length: count }, (_, index) => 100 * (index + 1));

  test("is when 99 % of its calls are answered", () => {
    expect(recoveryWith(answers(200))).toBe(19_800 - 2_000);
    expect(recoveryWith(answers(198))).toBe(19_800 - 2_000);
  });

  test("is never when fewer are", () => {
    expect(recoveryWith(answers(197))).toBe("never");
    expect(recoveryWith([])).toBe("never");
  });

  test("does not count answers that came after the patience", () => {
    expect(recoveryWith([...answers(197), 30_001, 30_002])).toBe("never");
    expect(recoveryWith([...answers(197), 30_000])).toBe(28_000);
  });

  test("is 0 when they were answered before the trigger ended", () => {
    expect(recoveryWith(new Array(200).fill(50))).toBe(0);
  });
});

describe("capacity and offered load", () => {
  test("capacity is workers ÷ mean service time, by the plan", () => {
    const scenario = scenarioOf({
      server: {
        ...server,
        workers: [
          { fromMs: 0, workers: 10 },
          { fromMs: 5_000, workers: 25 },
        ],
      },
    });
    expect([0, 4_999, 5_000, 1e6].map((ms) => capacityPerSecond(scenario, ms))).toEqual([
      500, 500, 1_250, 1_250,
    ]);
  });

  test("capacity is the same whatever the distribution of that mean", () => {
    const shapes = [
      { distribution: "deterministic" },
      { distribution: "lognormal", sigma: 2 },
      { distribution: "bimodal", slowShare: 0.1, slowFactor: 50 },
    ] as const;
    for (const shape of shapes) {
      const service = { ...shape, meanMs: 40 };
      expect(capacityPerSecond(scenarioOf({ server: { ...server, service } }), 0)).toBe(500);
    }
  });

  test("capacity is that of all workers at once, where they are in each other's way", () => {
    const capacityOf = (workers: number, contention: number, coherency: number) => {
      const plan = { workers: [{ fromMs: 0, workers }], scalability: { contention, coherency } };
      return capacityPerSecond(scenarioOf({ server: { ...server, ...plan } }), 0);
    };
    // 20 ms alone: 50 a second for each.
    expect(capacityOf(1, 0.5, 0.5)).toBe(50);
    expect(capacityOf(11, 0.1, 0)).toBeCloseTo((11 * 50) / 2, 9);
    expect(capacityOf(11, 0.1, 0.01)).toBeCloseTo((11 * 50) / 3.1, 9);
    expect(capacityOf(0, 1, 0)).toBe(0);
  });

  test("capacity is no more than the rate cap of that moment lets in", () => {
    const rateCap = [
      { fromMs: 0, of: "nobody" as const },
      { fromMs: 1_000, of: "server" as const, perSecond: 300, burst: 10 },
      { fromMs: 2_000, of: "server" as const, perSecond: 3_000, burst: 10 },
      { fromMs: 3_000, of: "client" as const, perSecond: 1, burst: 1 },
    ];
    const scenario = scenarioOf({ server: { ...server, rateCap } });
    expect([0, 1_000, 2_000, 3_000].map((ms) => capacityPerSecond(scenario, ms))).toEqual([
      1_000, 300, 1_000, 1_000,
    ]);
  });

  test("capacity is finite, for work takes a tick at least", () => {
    const instant = {
      ...server,
      service: { distribution: "deterministic" as const, meanMs: 0 },
      workers: [{ fromMs: 0, workers: 2 }],
    };
    expect(capacityPerSecond(scenarioOf({ server: instant }), 0)).toBe(2_000_000);
    expect(capacityPerSecond(scenarioOf({ server: instant, tickUs: 1000 }), 0)).toBe(2_000);
  });

  test("open load is what its steps say, in between on a ramp", () => {
    const load = {
      kind: "open" as const,
      arrivals: [
        { fromMs: 0, perSecond: 100 },
        { fromMs: 10_000, perSecond: 100, rampToPerSecond: 300 },
        { fromMs: 20_000, perSecond: 50 },
      ],
    };
    const scenario = scenarioOf({ load });
    expect(
      [0, 9_999, 10_000, 15_000, 20_000, 1e6].map((ms) => offeredPerSecond(scenario, ms)),
    ).toEqual([100, 100, 100, 200, 50, 50]);
  });

  test("closed load is users ÷ think time; a herd offers nothing more", () => {
    const clients = { count: 500, timeoutMs: 1_000 };
    const closed = scenarioOf({ clients, load: { kind: "closed", thinkMs: 2_000 } });
    expect(offeredPerSecond(closed, 0)).toBe(250);
    const joining = { clients: 250, fromMs: 100, untilMs: 200 };
    const growing = scenarioOf({ clients, load: { kind: "closed", thinkMs: 2_000, joining } });
    expect(offeredPerSecond(growing, 99)).toBe(125);
    expect(offeredPerSecond(growing, 150)).toBe(187.5 + 2_500);
    expect(offeredPerSecond(growing, 200)).toBe(250);
    expect(offeredPerSecond(scenarioOf({ load: { kind: "herd", fromMs: 0, overMs: 0 } }), 0)).toBe(
      0,
    );
    expect(offeredPerSecond(scenarioOf({ load: open(7) }), 0)).toBe(7);
  });

  test("a ramp in the last step goes on until the end of the run", () => {
    const arrivals = [{ fromMs: 20_000, perSecond: 100, rampToPerSecond: 300 }];
    const plan = [{ fromMs: 0, perSecond: 100 }, ...arrivals];
    const scenario = scenarioOf({ load: { kind: "open", arrivals: plan }, runMs: 60_000 });
    const rates = [20_000, 40_000, 60_000, 1e6].map((ms) => offeredPerSecond(scenario, ms));
    expect(rates).toEqual([100, 200, 300, 300]);
  });

  test("what all traffics ask for with the requests of first attempts, a fallback's first one", () => {
    const traffics = [
      { name: "poll", load: { kind: "poll" as const, everyMs: 2_000 } },
      { name: "group", load: open(3), attempt: { requests: 4, order: "at-once" as const } },
      { name: "sent", load: open(5), attempt: { requests: 2, order: "fallback" as const } },
    ];
    const clients = { count: 100, timeoutMs: 1_000 };
    const scenario = scenarioOf({ load: open(7), clients, traffics });
    expect(offeredPerSecond(scenario, 0)).toBe(7 + 100 / 2 + 3 * 4 + 5);
  });
});
