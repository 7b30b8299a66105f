import { describe, expect, test } from "vitest";
import {
  defineScenario,
  SCENARIO_DEFAULTS,
  ScenarioError,
  type ScenarioInput,
} from "../../src/scenario.ts";

const minimal: ScenarioInput = {
  name: "tiny",
  shows: "The least that a scenario needs.",
  runMs: 1_000,
  load: { kind: "closed", thinkMs: 100 },
};
const { server } = SCENARIO_DEFAULTS;

function messageOf(input: unknown): string {
  try {
    defineScenario(input);
  } catch (error) {
    expect(error).toBeInstanceOf(ScenarioError);
    return (error as ScenarioError).message;
  }
  return "no error";
}

describe("defineScenario", () => {
  test("fills in what is left out", () => {
    expect(defineScenario(minimal)).toEqual({ ...SCENARIO_DEFAULTS, ...minimal });
  });

  test("keeps what is given", () => {
    const clients = { count: 3, timeoutMs: 50, deadlineMs: 70 };
    expect(defineScenario({ ...minimal, clients }).clients).toEqual(clients);
  });

  test("is idempotent", () => {
    const scenario = defineScenario(minimal);
    expect(defineScenario(scenario)).toEqual(scenario);
  });
});

describe("a scenario that cannot be run is refused in one sentence", () => {
  const open = (...arrivals: object[]) => ({ ...minimal, load: { kind: "open", arrivals } });
  const herd = (fromMs: number, overMs: number) => ({
    ...minimal,
    load: { kind: "herd", fromMs, overMs },
  });

  test.each<[string, unknown, string]>([
    ["no object", "x", 'Scenario "unnamed": the scenario: expected object, got "x".'],
    ["a missing field", { ...minimal, runMs: undefined }, "runMs: expected number, got undefined."],
    ["another type", { ...minimal, runMs: "5" }, 'runMs: expected number, got "5".'],
    ["not a number", { ...minimal, runMs: Number.NaN }, "runMs: expected number, got NaN."],
    ["no end", { ...minimal, patienceMs: Infinity }, "patienceMs: expected number, got Infinity."],
    ["too little", { ...minimal, runMs: 0.5 }, "runMs: expected number to be >=1, got 0.5."],
    ["a key of nobody", { ...minimal, foo: 1 }, 'the scenario: unrecognized key: "foo".'],
    ["a deep key", { ...minimal, load: { ...minimal.load, x: 1 } }, 'load: unrecognized key: "x".'],
    ["two keys", { ...minimal, a: 1, b: 2 }, 'the scenario: unrecognized keys: "a", "b".'],
    [
      "a load of no kind",
      { ...minimal, load: { kind: "nope" } },
      `load.kind: expected 'open' | 'closed' | 'herd', got "nope".`,
    ],
    ["a tick of no lane", { ...minimal, tickUs: 5 }, "tickUs: expected one of 1|1000, got 5."],
    [
      "an order of no queue",
      { ...minimal, server: { ...server, queue: { places: 1, order: "codel" } } },
      `server.queue.order: expected one of "fifo"|"lifo", got "codel".`,
    ],
    [
      "a header that no server can send",
      { ...minimal, server: { ...server, rejection: { ...server.rejection, retryAfterMs: 500 } } },
      "server.rejection.retryAfterMs: must be a multiple of 1000, got 500.",
    ],
    [
      "warm-up beyond the run",
      { ...minimal, warmUpMs: 1_000 },
      "warmUpMs: expected less than runMs (1000), got 1000.",
    ],
    [
      "network faster than time",
      { ...minimal, tickUs: 1_000, networkMs: 0.5 },
      "networkMs: expected at least one tick (1 ms), got 0.5.",
    ],
    [
      "a fault that ends before it begins",
      { ...minimal, faults: [{ kind: "outage", fromMs: 5, untilMs: 5 }] },
      "faults.0.untilMs: expected more than fromMs (5), got 5.",
    ],
    [
      "a trigger that ends before it begins",
      { ...minimal, trigger: { fromMs: 5, untilMs: 4 } },
      "trigger.untilMs: expected more than fromMs (5), got 4.",
    ],
    [
      "a capacity plan without a beginning",
      { ...minimal, server: { ...server, workers: [{ fromMs: 5, workers: 1 }] } },
      "server.workers.0.fromMs: expected 0 for the first step, then later and later, got 5.",
    ],
    [
      "arrivals out of order",
      open({ fromMs: 0, perSecond: 1 }, { fromMs: 0, perSecond: 2 }),
      "load.arrivals.1.fromMs: expected 0 for the first step, then later and later, got 0.",
    ],
    [
      "a load that never begins",
      open(),
      "load.arrivals: expected array to have >=1 items, got [].",
    ],
    [
      "a herd that comes after the run",
      herd(500, 500),
      "load.overMs: expected the herd to have come before runMs (1000), got 500.",
    ],
  ])("%s", (_what, input, sentence) => {
    const message = messageOf(input);
    const prefix = message.startsWith('Scenario "unnamed"') ? "" : 'Scenario "tiny": ';
    expect(message).toBe(prefix + sentence);
  });
});
