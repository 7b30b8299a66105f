/** The express lane, and the general simulator that it is a shortcut of. */
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { immediate, registry } from "../../policies/index.ts";
import { RunMeter } from "../../src/measure/run-figures.ts";
import { defineScenario, type Scenario, type ScenarioInput } from "../../src/scenario.ts";
import { scenarios as ofTheBench } from "../../src/scenarios/index.ts";
import { signupSurge } from "../../src/scenarios/signup-surge.ts";
import { layExpressLane } from "../../src/sim/express.ts";
import { fitsExpress } from "../../src/sim/fits-express.ts";
import { simulateExpress } from "../../src/sim/simulate-express.ts";
import { type SimulationOptions, simulateGenerally } from "../../src/sim/simulation.ts";
import { RecordedTrace } from "../../src/trace.ts";
import { scenarios } from "../scenario-arbitrary.ts";
import { whim } from "../sim/whim.ts";
import { makeOptions } from "./lanes.ts";
import { resetting, usedUpByReset } from "./used-up-by-reset.ts";

type Simulate = (options: SimulationOptions) => ReturnType<typeof simulateGenerally>;

/** One lane for all runs, as in the bench: what one leaves behind, the next must not find. */
const lane = layExpressLane(2 ** 12);
const onKeptLane: Simulate = (options) => simulateExpress(options, lane);

/** So little room that the lane has to be widened in the middle of most runs. */
const onNarrowLane: Simulate = (options) => simulateExpress(options, layExpressLane(2));

function linesOf(run: Simulate, options: Omit<SimulationOptions, "trace">): string[] {
  const trace = new RecordedTrace();
  const end = run({ ...options, trace });
  return [...trace.lines, JSON.stringify(end)];
}

/** What the lane does not take is left out. */
function fitting(scenario: Scenario): Scenario {
  const { server, faults, clients } = scenario;
  return {
    ...scenario,
    clients: { ...clients, flagsRefreshMs: undefined },
    server: {
      ...server,
      queue: { places: server.queue.places, order: "fifo" },
      scalability: undefined,
      admission: undefined,
      rateCap: undefined,
    },
    faults: faults.filter(({ kind }) => kind !== "loss"),
  };
}

const TICKS_US = [1, 1000] as const;

const COHORTS = ["other", "third"].map((policy) => ({
  name: policy,
  share: 0.3,
  policy,
  flags: [{ atMs: 100, name: "automatic-session-reset", value: true }],
  rollout: { policy: "new", fromMs: 50, untilMs: 300 },
}));

const storm = fc.record({
  scenario: scenarios().map(fitting),
  tickUs: fc.constantFrom(1 as const, 1000 as const),
  cohorts: fc.constantFrom([], [], COHORTS),
  seed: fc.integer({ min: 0, max: 2 ** 32 }),
  attemptsBound: fc.constantFrom(20, 1_000),
  stateAtMs: fc.constantFrom(undefined, 0, 100, 400),
});

describe("the express lane leaves the trace of the general simulator", () => {
  test("of every policy, in 200 generated scenarios that fit", () => {
    fc.assert(
      fc.property(storm, ({ scenario: drawn, tickUs, cohorts, ...rest }) => {
        const scenario = { ...drawn, tickUs, cohorts };
        expect(fitsExpress(scenario)).toBe(true);
        const known = Object.values(registry).map(({ make }) => make(makeOptions(scenario)));
        for (const policy of [whim, ...known]) {
          const options = { scenario, policy, policyOf: () => policy, ...rest };
          const lines = linesOf(simulateGenerally, options);
          expect(linesOf(onKeptLane, options)).toEqual(lines);
          expect(linesOf(onNarrowLane, options)).toEqual(lines);
        }
      }),
      { numRuns: 200, seed: 1 },
    );
  }, 120_000);

  test("of a burst that is far larger than the lane", () => {
    const atMs = new Array<number>(500).fill(3);
    const scenario = defineScenario({
      name: "burst",
      shows: "All calls at once.",
      runMs: 1_000,
      load: { kind: "recorded", atMs },
    });
    const options = { scenario, policy: whim, seed: 1 };
    expect(linesOf(onNarrowLane, options)).toEqual(linesOf(simulateGenerally, options));
  });

  test.each(TICKS_US)(
    "of a session reset that uses up all its time, in ticks of %d µs",
    (tickUs) => {
      const scenario = usedUpByReset(tickUs);
      expect(linesOf(simulateGenerally, { scenario, policy: resetting, seed: 1 })).toContain(
        "80 ms client 0 call 1 attempt 1: timeout",
      );
      for (const attemptsBound of [1, 2, 3, 100]) {
        const options = { scenario, policy: resetting, seed: 1, attemptsBound };
        const lines = linesOf(simulateGenerally, options);
        expect(linesOf(onKeptLane, options)).toEqual(lines);
      }
    },
  );

  test.each([1, 2, 3, 4, 5])(
    "in a crowd, of which dozens send and are answered in one tick",
    (seed) => {
      const scenario = defineScenario({
        name: "crowd",
        shows: "Much at once.",
        runMs: 150,
        patienceMs: 50,
        tickUs: 1000,
        networkMs: 1,
        clients: { count: 200, timeoutMs: 15, deadlineMs: 40 },
        load: { kind: "closed", thinkMs: 2 },
        server: {
          workers: [{ fromMs: 0, workers: 40 }],
          service: { distribution: "exponential", meanMs: 3 },
          queue: { places: 60 },
        },
        faults: [{ kind: "outage", fromMs: 60, untilMs: 80 }],
      });
      const options = { scenario, seed, policy: whim };
      expect(linesOf(onKeptLane, options)).toEqual(linesOf(simulateGenerally, options));
    },
  );

  test("of few clients who retry at once, and give up early", () => {
    for (let seed = 1; seed <= 60; seed++) {
      const scenario = defineScenario({
        name: "hasty",
        shows: "Usual and early timeouts in one tick.",
        runMs: 200,
        patienceMs: 50,
        tickUs: 1000,
        networkMs: 1,
        clients: { count: 2 + (seed % 4), timeoutMs: 4 + (seed % 7), deadlineMs: 8 + (seed % 13) },
        load: { kind: "closed", thinkMs: 3 },
        server: {
          workers: [{ fromMs: 0, workers: 1 }],
          service: { distribution: "exponential", meanMs: 2 + (seed % 9) },
          queue: { places: seed % 3 },
        },
      });
      const options = { scenario, seed, policy: immediate({ attemptsMax: 10 }) };
      expect(linesOf(onKeptLane, options)).toEqual(linesOf(simulateGenerally, options));
    }
  });

  test.each(ofTheBench)("in $name, in figures", (scenario) => {
    expect(fitsExpress(scenario)).toBe(true);
    for (const name of ["immediate", "vetted-session-reset"] as const) {
      const policy = registry[name].make(makeOptions(scenario));
      const figures = (run: Simulate) => {
        const meter = new RunMeter(scenario);
        const end = run({ scenario, policy, seed: 1, trace: meter, stateAtMs: 10_000 });
        const { responseUs, ...counts } = meter.figures();
        return { end, ...counts, meanUs: responseUs.mean };
      };
      expect(figures(simulateExpress)).toEqual(figures(simulateGenerally));
    }
  });

  test("in a surge that fills the ring, in figures", () => {
    const scenario = signupSurge(250_000);
    const figures = (run: Simulate) => {
      const meter = new RunMeter(scenario);
      const policy = registry.budgeted.make({ ...makeOptions(scenario), budgetTokensMax: 1 });
      const end = run({ scenario, policy, seed: 1, trace: meter });
      const { responseUs, ...counts } = meter.figures();
      return { end, ...counts, meanUs: responseUs.mean };
    };
    const expected = figures(simulateGenerally);
    expect(figures(simulateExpress)).toEqual(expected);
    expect(figures((options) => simulateExpress(options, layExpressLane(1024)))).toEqual(expected);
  });
});

describe("the express lane is not for", () => {
  const server = (given: Partial<Scenario["server"]>): Partial<ScenarioInput> => ({
    server: { queue: { places: 10, order: "fifo" }, ...given },
  });
  const load = { kind: "closed" as const, thinkMs: 10 };
  const layer = { name: "below", caller: { instances: 1 } };

  test.each<[string, Partial<ScenarioInput>]>([
    ["calls of several kinds", { traffics: [{ name: "polls", load }] }],
    ["attempts of several requests", { attempt: { requests: 2 } }],
    ["calls that wait for others", { recipients: { count: 2 } }],
    ["flags that clients fetch", { clients: { flagsRefreshMs: 100 } }],
    ["chains", { downstream: [layer] }],
    ["lossy networks", { faults: [{ kind: "loss", fromMs: 0, untilMs: 10, share: 0.1 }] }],
    ["last in, first out", server({ queue: { places: 10, order: "lifo" } })],
    [
      "controlled delay",
      server({ queue: { places: 10, order: "fifo", codel: { targetMs: 5, intervalMs: 100 } } }),
    ],
    [
      "servers that drop what is expired",
      server({ queue: { places: 10, order: "fifo", dropsExpired: true } }),
    ],
    ["gates", server({ admission: [{ fromMs: 0, gate: "drop" }] })],
    ["rate caps", server({ rateCap: [{ fromMs: 0, of: "server", perSecond: 10, burst: 1 }] })],
    ["work that slows other work", server({ scalability: { contention: 0.1, coherency: 0 } })],
  ])("%s", (_what, given) => {
    const plain = { name: "plain", shows: "Nothing.", runMs: 1_000, load };
    expect(fitsExpress(defineScenario(plain))).toBe(true);
    expect(fitsExpress(defineScenario({ ...plain, ...given }))).toBe(false);
  });
});
