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

  test("fills in at every depth", () => {
    const { clients, server } = defineScenario({
      ...minimal,
      clients: { timeoutMs: 50 },
      server: { queue: { places: 7 } },
    });
    expect(clients).toEqual({ ...SCENARIO_DEFAULTS.clients, timeoutMs: 50 });
    expect(server).toEqual({ ...SCENARIO_DEFAULTS.server, queue: { places: 7, order: "fifo" } });
  });

  test("gives each scenario defaults of its own", () => {
    defineScenario(minimal).server.workers[0].workers = 1;
    expect(defineScenario(minimal).server.workers).toEqual([{ fromMs: 0, workers: 20 }]);
  });

  test("knows the mean of recorded service times", () => {
    const service = { distribution: "recorded", serviceMs: [10, 20, 60] };
    expect(defineScenario({ ...minimal, server: { service } }).server.service.meanMs).toBe(30);
  });

  test("lets ten cohorts of a tenth be all clients", () => {
    const tenths = Array.from({ length: 10 }, (_, index) => ({ name: `${index}`, share: 0.1 }));
    expect(defineScenario({ ...minimal, cohorts: tenths }).cohorts).toHaveLength(10);
  });

  test("forgets where an editor finds the schema", () => {
    expect(defineScenario({ $schema: "./x.json", ...minimal })).toEqual(defineScenario(minimal));
  });

  test("is idempotent", () => {
    const scenario = defineScenario(minimal);
    expect(defineScenario(scenario)).toEqual(scenario);
  });
});

describe("a scenario that cannot be run is refused in one sentence", () => {
  const cohorts = (...list: object[]) => ({ ...minimal, cohorts: list });
  const traffics = (...list: object[]) => ({ ...minimal, traffics: list });
  const poll = { kind: "poll", everyMs: 1_000 };
  const open = (...arrivals: object[]) => ({ ...minimal, load: { kind: "open", arrivals } });
  const recorded = (atMs: unknown, clients?: number[]) => ({
    ...minimal,
    load: { kind: "recorded", atMs, ...(clients && { clients }) },
  });
  const service = (spec: object) => ({
    ...minimal,
    server: { service: { distribution: "recorded", ...spec } },
  });
  const herd = (fromMs: number, overMs: number) => ({
    ...minimal,
    load: { kind: "herd", fromMs, overMs },
  });

  test.each<[string, unknown, string]>([
    ["no object", "x", 'Scenario "unnamed": expected an object in { }, got "x".'],
    ["null", null, 'Scenario "unnamed": expected an object in { }, got null.'],
    ["a list", { ...minimal, load: [] }, "load: expected an object in { }, got []."],
    [
      "cohorts of more than all clients",
      cohorts({ name: "a", share: 0.7 }, { name: "b", share: 0.4 }),
      "cohorts.1.share: expected at most what the others leave (0.3), got 0.4.",
    ],
    [
      "two cohorts of one name",
      cohorts({ name: "a", share: 0.1 }, { name: "a", share: 0.1 }),
      'cohorts.1.name: expected a name that no other cohort has, got "a".',
    ],
    [
      "a roll-out that is over before it begins",
      cohorts({ name: "a", share: 1, rollout: { policy: "none", fromMs: 5, untilMs: 5 } }),
      "cohorts.0.rollout.untilMs: expected more than fromMs (5), got 5.",
    ],
    [
      "two traffics of one name",
      traffics({ name: "a", load: poll }, { name: "a", load: poll }),
      'traffics.1.name: expected a name that no other traffic has, got "a".',
    ],
    [
      "a herd that comes too late, in a traffic",
      traffics({ name: "a", load: { kind: "herd", fromMs: 0, overMs: minimal.runMs } }),
      `traffics.0.load.overMs: expected the herd to have come before runMs (${minimal.runMs}), got ${minimal.runMs}.`,
    ],
    [
      "a plan that does not begin, in a traffic",
      traffics({ name: "a", load: { kind: "open", arrivals: [{ fromMs: 1, perSecond: 1 }] } }),
      "traffics.0.load.arrivals.0.fromMs: expected 0 for the first step, then later and later, got 1.",
    ],
    [
      "a traffic of clients that are not there",
      traffics({ name: "a", load: { kind: "recorded", atMs: [0], clients: [9_999] } }),
      "clients.count: expected at least the 10000 clients that are recorded, got 200.",
    ],
    [
      "a traffic that names a file",
      traffics({
        name: "a",
        load: { kind: "replay", file: "x.csv", timeColumn: "t", timeUnit: "s" },
      }),
      'traffics.0.load.file: expected the numbers themselves, got the file "x.csv": only scenario files may replay others.',
    ],
    [
      "more requests an attempt than there are numbers for",
      { ...minimal, attempt: { requests: 21 } },
      "attempt.requests: expected at most 20, got 21.",
    ],
    ["a missing field", { ...minimal, runMs: undefined }, "runMs: expected a number, got nothing."],
    [
      "a number in quotes",
      { ...minimal, runMs: "5" },
      'runMs: expected a number, got "5": leave the quotes out.',
    ],
    ["another type", { ...minimal, runMs: "5 s" }, 'runMs: expected a number, got "5 s".'],
    [
      "one of two types",
      { ...minimal, flags: [{ atMs: 0, name: "x", value: "on" }] },
      'flags.0.value: expected true or false or a number, got "on".',
    ],
    ["not a number", { ...minimal, runMs: Number.NaN }, "runMs: expected a number, got NaN."],
    [
      "no end",
      { ...minimal, patienceMs: Infinity },
      "patienceMs: expected a number, got Infinity.",
    ],
    ["too little", { ...minimal, runMs: 0.5 }, "runMs: expected at least 1, got 0.5."],
    [
      "an empty name",
      { ...minimal, name: "" },
      'Scenario "": name: expected at least 1 character, got "".',
    ],
    [
      "nothing at all of what must be more",
      { ...minimal, server: { service: { distribution: "lognormal", meanMs: 1, sigma: 0 } } },
      "server.service.sigma: expected more than 0, got 0.",
    ],
    [
      "a part of a server",
      { ...minimal, server: { queue: { places: 1.5 } } },
      "server.queue.places: expected a whole number, got 1.5.",
    ],
    [
      "a value that no line can bear",
      { ...minimal, clients: "x".repeat(1_000) },
      `clients: expected an object in { }, got "${"x".repeat(58)}….`,
    ],
    [
      "a load of no kind",
      { ...minimal, load: { kind: "opne" } },
      'load.kind: expected "open", "closed", "herd", "poll", "recorded" or "replay", got "opne"; did you mean "open"?',
    ],
    [
      "a load without a kind",
      { ...minimal, load: {} },
      'load.kind: expected "open", "closed", "herd", "poll", "recorded" or "replay", got nothing.',
    ],
    ["a tick of no lane", { ...minimal, tickUs: 5 }, "tickUs: expected 1 or 1000, got 5."],
    [
      "an order of no queue",
      { ...minimal, server: { queue: { order: "random" } } },
      'server.queue.order: expected "fifo", "lifo" or "adaptive-lifo", got "random".',
    ],
    [
      "an order in capitals",
      { ...minimal, server: { queue: { order: "FIFO" } } },
      'server.queue.order: expected "fifo", "lifo" or "adaptive-lifo", got "FIFO"; did you mean "fifo"?',
    ],
    [
      "a header that no server can send",
      { ...minimal, server: { rejection: { retryAfterMs: 500 } } },
      "server.rejection.retryAfterMs: expected a multiple of 1000, got 500.",
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
      { ...minimal, server: { workers: [{ fromMs: 5, workers: 1 }] } },
      "server.workers.0.fromMs: expected 0 for the first step, then later and later, got 5.",
    ],
    [
      "a gate plan without a beginning",
      { ...minimal, server: { admission: [{ fromMs: 1, gate: "closed" }] } },
      "server.admission.0.fromMs: expected 0 for the first step, then later and later, got 1.",
    ],
    [
      "a gate of no kind",
      { ...minimal, server: { admission: [{ fromMs: 0, gate: "close" }] } },
      'server.admission.0.gate: expected "open", "closed", "share-of-requests", "share-of-clients" or "drop", got "close"; did you mean "closed"?',
    ],
    [
      "rate caps out of order",
      {
        ...minimal,
        server: {
          rateCap: [
            { fromMs: 0, of: "nobody" },
            { fromMs: 0, of: "nobody" },
          ],
        },
      },
      "server.rateCap.1.fromMs: expected 0 for the first step, then later and later, got 0.",
    ],
    [
      "a rate cap that lets nobody in: that is a closed gate",
      { ...minimal, server: { rateCap: [{ fromMs: 0, of: "server", perSecond: 0, burst: 1 }] } },
      "server.rateCap.0.perSecond: expected at least 0.000001, got 0.",
    ],
    [
      "a jar fuller than full",
      { ...minimal, retry: { budgetTokensInitial: 4 } },
      "retry.budgetTokensInitial: expected at most budgetTokensMax (3), got 4.",
    ],
    [
      "a delay that is controlled to more than bursts are allowed",
      { ...minimal, server: { queue: { codel: { targetMs: 9, intervalMs: 5 } } } },
      "server.queue.codel.targetMs: expected at most intervalMs (5), got 9.",
    ],
    [
      "an adaptive order that does not say to what",
      { ...minimal, server: { queue: { order: "adaptive-lifo" } } },
      "server.queue.lifoAbove: expected a whole number, got nothing.",
    ],
    [
      "a bound that no order asks for",
      { ...minimal, server: { queue: { order: "lifo", lifoAbove: 1 } } },
      'server.queue.lifoAbove: expected nothing with order "lifo", got 1.',
    ],
    [
      "arrivals out of order",
      open({ fromMs: 0, perSecond: 1 }, { fromMs: 0, perSecond: 2 }),
      "load.arrivals.1.fromMs: expected 0 for the first step, then later and later, got 0.",
    ],
    ["a load that never begins", open(), "load.arrivals: expected at least 1 item, got []."],
    [
      "recorded times out of order",
      recorded([1, 5, 4]),
      "load.atMs.2: expected a number of milliseconds no less than the one before, a year at most, got 4.",
    ],
    [
      "a recorded time before the run",
      recorded([-1]),
      "load.atMs.0: expected a number of milliseconds no less than the one before, a year at most, got -1.",
    ],
    [
      "a recorded time in quotes",
      recorded([1, "2"]),
      'load.atMs.1: expected a number of milliseconds no less than the one before, a year at most, got "2".',
    ],
    ["a recording of nothing", recorded([]), "load.atMs: expected 1 to 100000000 numbers, got 0."],
    ["no recording", recorded(5), "load.atMs: expected a list in [ ], got 5."],
    [
      "a recording of another time",
      recorded([1_000, 2_000]),
      "load.atMs: expected a time before runMs (1000), got 1000.",
    ],
    [
      "a client for some calls only",
      recorded([1, 2], [0]),
      "load.clients: expected as many as atMs (2), got 1.",
    ],
    [
      "half a client",
      recorded([1, 2], [0, 0.5]),
      "load.clients.1: expected the number of a client, counted from 0, got 0.5.",
    ],
    [
      "more recorded clients than there are",
      { ...recorded([1, 2], [0, 7]), clients: { count: 7 } },
      "clients.count: expected at least the 8 clients that are recorded, got 7.",
    ],
    [
      "a negative service time",
      service({ serviceMs: [3, -3] }),
      "server.service.serviceMs.1: expected a number of milliseconds, from 0 to a year, got -3.",
    ],
    [
      "nothing that is scaled to something",
      service({ serviceMs: [0, 0], meanMs: 5 }),
      "server.service.meanMs: expected 0, as all recorded times are, got 5.",
    ],
    [
      "a file in code",
      { ...minimal, load: { kind: "replay", file: "a.csv", timeColumn: "at", timeUnit: "s" } },
      'load.file: expected the numbers themselves, got the file "a.csv": only scenario files may replay others.',
    ],
    [
      "a date that is a number",
      {
        ...minimal,
        load: { kind: "replay", file: "a", timeColumn: "at", timeUnit: "iso8601", timeZero: 5 },
      },
      "load.timeZero: expected a number, or a date in quotes when timeUnit is iso8601.",
    ],
    [
      "a herd that comes after the run",
      herd(500, 500),
      "load.overMs: expected the herd to have come before runMs (1000), got 500.",
    ],
  ])("%s", (_what, input, sentence) => {
    const message = messageOf(input);
    const prefix = sentence.startsWith("Scenario") ? "" : 'Scenario "tiny": ';
    expect(message).toBe(prefix + sentence);
  });
});

describe("an unknown key is refused with the key that was meant", () => {
  const own = (key: string) => ({ ...minimal, [key]: 1 });
  const clients = (key: string) => ({ ...minimal, clients: { count: 3, [key]: 50 } });

  test.each<[string, unknown, string]>([
    [
      "other capitals",
      clients("timeoutMS"),
      'clients: unknown key "timeoutMS"; did you mean "timeoutMs"?',
    ],
    [
      "hyphens",
      clients("timeout-ms"),
      'clients: unknown key "timeout-ms"; did you mean "timeoutMs"?',
    ],
    [
      "no unit",
      clients("timeout"),
      'clients: unknown key "timeout"; did you mean "timeoutMs", in milliseconds?',
    ],
    [
      "another unit",
      clients("deadlineSeconds"),
      'clients: unknown key "deadlineSeconds"; did you mean "deadlineMs", in milliseconds?',
    ],
    ["letters swapped", own("faluts"), 'unknown key "faluts"; did you mean "faults"?'],
    [
      "another depth",
      own("timeoutMs"),
      'unknown key "timeoutMs"; did you mean "clients.timeoutMs" or "traffics.timeoutMs"?',
    ],
    [
      "a key of another kind in the same place",
      { ...minimal, load: { kind: "closed", thinkMs: 5, arrivals: [] } },
      'load: "arrivals" does not go with this kind; there are kind, thinkMs and joining.',
    ],
    [
      "another kind",
      own("serviceMs"),
      'unknown key "serviceMs"; did you mean "server.service.serviceMs"?',
    ],
    [
      "another depth, twice",
      own("perSecond"),
      'unknown key "perSecond"; did you mean "load.arrivals.perSecond" or "server.rateCap.perSecond"?',
    ],
    [
      "in a list, and though something is missing",
      { ...minimal, load: { kind: "open", arrivals: [{ fromMs: 0, perSecnod: 5 }] } },
      'load.arrivals.0: unknown key "perSecnod"; did you mean "perSecond"?',
    ],
    [
      "nothing near",
      { ...minimal, load: { ...minimal.load, jitter: 1 } },
      'load: unknown key "jitter"; there are kind, thinkMs and joining.',
    ],
    [
      "two at once: the first",
      { ...minimal, trigegr: 1, b: 2 },
      'unknown key "trigegr"; did you mean "trigger"?',
    ],
  ])("%s", (_what, input, sentence) => {
    expect(messageOf(input)).toBe(`Scenario "tiny": ${sentence}`);
  });

  test("even one that every object has", () => {
    expect(messageOf(own("constructor"))).toContain('unknown key "constructor"');
    expect(messageOf(JSON.parse('{"__proto__": {"name": "x"}}'))).toContain(
      'unknown key "__proto__"',
    );
  });

  test("and the error knows where it is", () => {
    expect(() => defineScenario(clients("timeout"))).toThrow(
      expect.objectContaining({ path: ["clients", "timeout"] }),
    );
  });
});
