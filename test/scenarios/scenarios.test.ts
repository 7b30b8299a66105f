/** The default set has the parameters of its table; no measure is taken here. */
import { describe, expect, test } from "vitest";
import { defineScenario, type Scenario } from "../../src/scenario.ts";
import { scenarios } from "../../src/scenarios/index.ts";

const clients = (count: number, timeoutMs = 1_000) => ({ count, timeoutMs });
const workers = (...steps: [fromMs: number, workers: number][]) =>
  steps.map(([fromMs, count]) => ({ fromMs, workers: count }));
const constant = (perSecond: number) => ({ kind: "open", arrivals: [{ fromMs: 0, perSecond }] });
const queue = (places: number) => ({ places, order: "fifo" });

const slowdown = {
  load: constant(700),
  clients: clients(200),
  server: { workers: workers([0, 20]), queue: queue(10_000), rejection: { costMs: 0 } },
  faults: [{ kind: "slowdown", fromMs: 10_000, untilMs: 20_000, factor: 5 }],
  trigger: { fromMs: 10_000, untilMs: 20_000 },
};
const surge = {
  load: {
    arrivals: [
      { fromMs: 0, perSecond: 250 },
      { fromMs: 45_000, perSecond: 250, rampToPerSecond: 900 },
      { perSecond: 900 },
    ],
  },
  clients: clients(200),
  server: {
    workers: workers(
      [0, 10],
      [60_000, 12],
      [80_000, 15],
      [100_000, 17],
      [120_000, 20],
      [140_000, 22],
    ),
    queue: queue(2_000),
  },
  faults: [],
  trigger: { fromMs: 45_000, untilMs: 120_000 },
};

const TABLE: Record<string, object> = {
  steady: {
    load: constant(600),
    server: { queue: queue(500) },
    faults: [{ kind: "partial", fromMs: 0, share: 0.02, status: 500 }],
  },
  blip: {
    load: constant(700),
    server: { queue: queue(500) },
    faults: [{ kind: "outage", fromMs: 10_000, untilMs: 10_500 }],
    trigger: { fromMs: 10_000, untilMs: 10_500 },
  },
  overload: {
    load: {
      kind: "open",
      arrivals: [
        { fromMs: 0, perSecond: 700 },
        { fromMs: 10_000, perSecond: 1_500 },
        { fromMs: 50_000, perSecond: 700 },
      ],
    },
    server: { queue: queue(500), rejection: { status: 503, costMs: 2 } },
    faults: [],
    trigger: { fromMs: 10_000, untilMs: 50_000 },
  },
  slowdown,
  "slowdown-short-queue": { ...slowdown, server: { ...slowdown.server, queue: queue(500) } },
  "slowdown-large-fleet": { ...slowdown, clients: clients(20_000) },
  "restart-herd": {
    load: { kind: "herd", fromMs: 0, overMs: 0 },
    clients: clients(1_000, 2_000),
    patienceMs: 120_000,
    retry: { attemptsMax: null },
    server: { workers: workers([0, 4]), queue: queue(50) },
    faults: [{ kind: "outage", fromMs: 0, untilMs: 2_000 }],
    trigger: { untilMs: 2_000 },
  },
  "sign-up-surge": surge,
  "surge-large-fleet": { ...surge, clients: clients(50_000) },
};

describe("the default scenarios", () => {
  test("are these nine", () => {
    expect(scenarios.map(({ name }) => name)).toEqual(Object.keys(TABLE));
  });

  test("have a trigger where there is something to recover from", () => {
    const calm = scenarios.filter(({ trigger }) => trigger === undefined);
    expect(calm.map(({ name }) => name)).toEqual(["steady"]);
  });

  describe.each(scenarios)("$name", (scenario: Scenario) => {
    test("is valid as it stands", () => {
      expect(defineScenario(scenario)).toEqual(scenario);
      expect(scenario.shows).toMatch(/\w+\.$/);
    });

    test("has the parameters of the table", () => {
      expect(scenario).toMatchObject(TABLE[scenario.name]);
    });

    test("shares all that the table does not say", () => {
      const isHerd = scenario.name === "restart-herd";
      expect(scenario).toMatchObject({
        tickUs: 1,
        networkMs: 5,
        patienceMs: isHerd ? 120_000 : 5_000,
        retry: {
          attemptsMax: isHerd ? null : 3,
          delayBaseMs: 100,
          delayMaxMs: 20_000,
          budgetRatio: 0.1,
          ...(isHerd ? { budgetTokensMax: 10, budgetTokensInitial: 10 } : { budgetTokensMax: 3 }),
        },
        server: { service: { distribution: "exponential", meanMs: 20 } },
        flags: [],
      });
    });

    test("has a trigger that begins after the warm-up, and time to see a recovery", () => {
      if (scenario.trigger === undefined) return;
      const isHerd = scenario.load.kind === "herd";
      expect(scenario.trigger.fromMs).toBeGreaterThanOrEqual(scenario.warmUpMs);
      const endMs = scenario.runMs + (isHerd ? scenario.patienceMs : 0);
      expect(endMs - scenario.trigger.untilMs).toBeGreaterThanOrEqual(10_000);
    });
  });
});
