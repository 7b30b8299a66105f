/** A server that calls another server, which calls another one: each with a policy of its own. */
import { describe, expect, test } from "vitest";
import { budgeted, immediate } from "../../policies/index.ts";
import { capacityPerSecond } from "../../src/measure/recovery.ts";
import type { Policy } from "../../src/policy.ts";
import type { Scenario, ScenarioInput } from "../../src/scenario.ts";
import { simulate } from "../../src/sim/simulation.ts";
import { RecordedTrace, SilentTrace } from "../../src/trace.ts";
import {
  at,
  never,
  RESET,
  record,
  retrying,
  SEND,
  SERVER,
  scripted,
  wait,
  world,
} from "./worlds.ts";

type LayerInput = Partial<NonNullable<ScenarioInput["downstream"]>[number]>;

/** Behind the server, by default: 1 ms of network and one instance; as large as the one above. */
function layer(input: LayerInput = {}) {
  return { name: "below", caller: { instances: 1 }, networkMs: 1, server: SERVER, ...input };
}

const FOREVER = { fromMs: 0, untilMs: 1_000_000 };
const FAILING: Scenario["faults"] = [{ kind: "partial", ...FOREVER, share: 1, status: 503 }];
/** Enough for whatever comes. */
const WIDE: Scenario["server"] = {
  ...SERVER,
  workers: [{ fromMs: 0, workers: 100_000 }],
  service: { distribution: "deterministic", meanMs: 0 },
};
const PATIENT = { timeoutMs: 1_000_000 };

/** The lines of each layer, the one that clients call first. */
function recordAll(scenario: Scenario, policy: Policy = never, policyOf?: () => Policy) {
  const below = scenario.downstream.map(() => new RecordedTrace());
  const options = { downstreamTraces: below, policyOf };
  const { lines, end } = record(scenario, policy, options);
  return { end, lines: [lines, ...below.map((trace) => trace.lines)] };
}

describe("a call through two layers", () => {
  test("is answered when both have done their work, one after the other", () => {
    const { lines } = recordAll(world({ downstream: [layer()] }));
    expect(lines).toEqual([
      [
        "0 ms client 0 call 1 starts",
        "0 ms client 0 call 1 attempt 1 sent",
        "11 ms server: 10 ms of work",
        "24 ms client 0 call 1 attempt 1: answered",
        "24 ms client 0 call 1 ends after 1 attempt: answered",
      ],
      [
        "11 ms client 0 call 1 starts",
        "11 ms client 0 call 1 attempt 1 sent",
        "22 ms server: 10 ms of work",
        "23 ms client 0 call 1 attempt 1: answered",
        "23 ms client 0 call 1 ends after 1 attempt: answered",
      ],
    ]);
  });

  test("holds its worker above for the waits and the attempts below", () => {
    const below = layer({
      faults: [{ kind: "partial", fromMs: 0, untilMs: 20, share: 1, status: 503 }],
    });
    const scenario = world({
      clients: { count: 2, timeoutMs: 500 },
      server: { queue: { places: 1, order: "fifo" } },
      downstream: [below],
    });
    const { lines } = recordAll(scenario, retrying(2, 100));
    // Sent at 11, rejected at 13, sent again at 113, answered at 125: only then the second one's turn comes.
    expect(at(lines[1], 113)).toEqual(["client 0 call 1 attempt 2 sent"]);
    expect(at(lines[1], 125)).toContain("client 0 call 1 ends after 2 attempts: answered");
    expect(lines[0].filter((line) => line.includes("server"))).toEqual([
      "11 ms server: 10 ms of work",
      "135 ms server: 10 ms of work",
    ]);
  });

  test("frees the worker before anything arrives in the same tick", () => {
    const scenario = world({
      clients: { count: 2, timeoutMs: 100 },
      downstream: [layer()],
    });
    // The first is held until 23; the second comes back from its wait in that tick.
    const { lines } = recordAll(scenario, scripted([SEND], [wait(22), SEND]), () => never);
    expect(lines[0]).toContain("33 ms server: 10 ms of work");
  });
});

describe("a call below that fails", () => {
  const failing = (failureStatus?: number) =>
    world({ downstream: [layer({ caller: { instances: 1, failureStatus }, faults: FAILING })] });

  test("is answered 502 above, which may be tried again", () => {
    const { lines, end } = recordAll(failing(), retrying(2));
    expect(at(lines[0], 16)).toContain("client 0 call 1 attempt 1: rejected 502");
    expect(end).toMatchObject({ attempts: 2, downstream: [{ calls: 2, attempts: 4 }] });
  });

  test("or with the status of the scenario, which may say that it is no use", () => {
    const { lines, end } = recordAll(failing(508), retrying(2));
    expect(at(lines[0], 16)).toContain("client 0 call 1 attempt 1: fatal 508");
    expect(end).toMatchObject({ attempts: 1, downstream: [{ calls: 1, attempts: 2 }] });
  });

  test("may fail before it is sent", () => {
    const scenario = world({
      downstream: [layer({ caller: { instances: 1, policy: "refuses" } })],
    });
    const { lines, end } = recordAll(scenario, never, () => scripted([]));
    expect(at(lines[0], 12)).toContain("client 0 call 1 attempt 1: rejected 502");
    expect(end.downstream).toEqual([
      { calls: 1, attempts: 0, retries: 0, hedges: 0, sessionResets: 0 },
    ]);
  });

  test("fails when its caller's own timeout is over, while the work below goes on", () => {
    const { lines } = recordAll(
      world({ downstream: [layer({ caller: { instances: 1, timeoutMs: 5 } })] }),
    );
    expect(lines).toEqual([
      [
        "0 ms client 0 call 1 starts",
        "0 ms client 0 call 1 attempt 1 sent",
        "11 ms server: 10 ms of work",
        "17 ms client 0 call 1 attempt 1: rejected 502",
        "17 ms client 0 call 1 ends after 1 attempt: attempts",
      ],
      [
        "11 ms client 0 call 1 starts",
        "11 ms client 0 call 1 attempt 1 sent",
        "16 ms client 0 call 1 attempt 1: timeout",
        "16 ms client 0 call 1 ends after 1 attempt: attempts",
        "22 ms server: 10 ms of work, late",
      ],
    ]);
  });

  test("is dropped above when it was dropped below", () => {
    const server = { ...SERVER, admission: [{ fromMs: 0, gate: "drop" as const }] };
    const { lines } = recordAll(world({ downstream: [layer({ server })] }));
    expect(lines[0].at(-1)).toBe("14 ms client 0 call 1 ends after 1 attempt: dropped");
  });
});

const isBetween = (from: number, until: number) => (ms: number) => from <= ms && ms < until;

describe("capacity", () => {
  const wide = { ...SERVER, workers: [{ fromMs: 0, workers: 1_000 }] };
  const four = { ...SERVER, workers: [{ fromMs: 0, workers: 4 }] };
  test.each([
    // 4 workers, each 10 ms at work and 12 ms waiting.
    ["held workers", four, wide, 4 / 0.022],
    ["the layer below", wide, four, 4 / 0.01],
  ])("that %s leave is what is answered", (_, first, second, perSecond) => {
    const places = { places: 100, order: "fifo" as const };
    const scenario = world({
      runMs: 10_000,
      clients: { count: 100, timeoutMs: 5_000 },
      load: { kind: "closed", thinkMs: 1 },
      server: { ...first, queue: places },
      downstream: [layer({ server: { ...second, queue: places }, caller: { timeoutMs: 5_000 } })],
    });
    const { lines } = recordAll(scenario);
    const ends = lines[0].filter((line) => line.endsWith("after 1 attempt: answered"));
    const inTheMiddle = ends
      .map((line) => Number(line.split(" ")[0]))
      .filter(isBetween(2_000, 8_600));
    // 6.6 s are a whole number of both cycles; the four workers may be a cycle apart at the ends.
    expect(Math.abs(inTheMiddle.length - 6.6 * perSecond)).toBeLessThanOrEqual(4);
    expect(capacityPerSecond(scenario, 0)).toBeCloseTo(perSecond, 9);
  });
});

describe("late work", () => {
  test("below is what nobody above waits for, though its own caller does", () => {
    const scenario = world({
      clients: { count: 1, timeoutMs: 15 },
      downstream: [layer(), layer()],
    });
    const { lines } = recordAll(scenario);
    expect(at(lines[0], 15)).toContain("client 0 call 1 attempt 1: timeout");
    // It is asked for all the same, down to the last layer.
    expect(lines[1]).toContain("22 ms server: 10 ms of work, late");
    expect(lines[2]).toContain("33 ms server: 10 ms of work, late");
    expect(lines[2].at(-1)).toBe("34 ms client 0 call 1 ends after 1 attempt: answered");
  });

  test("is not what somebody waits for", () => {
    const { lines } = recordAll(world({ downstream: [layer(), layer()] }));
    expect(lines.flat().filter((line) => line.endsWith("late"))).toEqual([]);
  });

  test("goes on below when the worker above is lost, whose client has not heard of it yet", () => {
    const outage = { kind: "outage" as const, fromMs: 25, untilMs: 26 };
    const scenario = world({ networkMs: 10, faults: [outage], downstream: [layer()] });
    const { lines } = recordAll(scenario);
    expect(lines[1]).toContain("31 ms server: 10 ms of work, late");
    expect(lines[1].at(-1)).toBe("32 ms client 0 call 1 ends after 1 attempt: answered");
    expect(at(lines[0], 35)).toContain("client 0 call 1 attempt 1: connection");
  });

  test("does not hold a worker that came back meanwhile", () => {
    const outage = { kind: "outage" as const, fromMs: 15, untilMs: 16 };
    const scenario = world({ faults: [outage], downstream: [layer({ networkMs: 100 })] });
    // The second attempt arrives at 17, while the first one's call below goes on until 221.
    const { lines } = recordAll(scenario, retrying(2), () => never);
    expect(lines[0]).toContain("27 ms server: 10 ms of work");
  });
});

describe("each layer", () => {
  test("has the policy that the scenario names, or the one under test", () => {
    const named = layer({ caller: { instances: 1, policy: "three" } });
    const scenario = world({ downstream: [named, layer({ faults: FAILING })] });
    const asked: string[] = [];
    const end = simulate({
      scenario,
      policy: retrying(2),
      seed: 1,
      trace: new SilentTrace(),
      policyOf: (name) => {
        asked.push(name);
        return retrying(3);
      },
    });
    expect(asked).toEqual(["three"]);
    expect(end).toMatchObject({ attempts: 2, downstream: [{ attempts: 6 }, { attempts: 12 }] });
  });

  test("has no cohorts: they are of clients, and the instances above belong to none", () => {
    const scenario = world({
      cohorts: [{ name: "all", share: 1, policy: "five" }],
      downstream: [layer({ faults: FAILING })],
    });
    const { end } = recordAll(scenario, retrying(2), () => retrying(5));
    expect(end).toMatchObject({ attempts: 5, downstream: [{ calls: 5, attempts: 10 }] });
  });

  test("complains when nobody knows that policy", () => {
    const scenario = world({ downstream: [layer({ caller: { instances: 1, policy: "three" } })] });
    expect(() => record(scenario)).toThrow(
      'Expected `policyOf`, to find policy "three" of layer "below", got none.',
    );
  });

  test("spreads requests over the instances above, each with its own numbers", () => {
    const scenario = world({
      clients: { count: 400, ...PATIENT },
      server: WIDE,
      downstream: [layer({ caller: { instances: 4, ...PATIENT }, server: WIDE })],
    });
    const { lines } = recordAll(scenario);
    const starts = lines[1].filter((line) => line.endsWith("starts"));
    for (let instance = 0; instance < 4; instance++) {
      const own = starts.filter((line) => line.includes(`client ${instance} `));
      expect(own.length).toBeGreaterThan(70);
      expect(own.at(-1)).toContain(`call ${own.length} starts`);
    }
  });

  test("draws by itself: a layer like the one above has other service times", () => {
    const service = { distribution: "exponential" as const, meanMs: 10 };
    const server = { ...SERVER, service };
    const { lines } = recordAll(
      world({ server, downstream: [layer({ server }), layer({ server })] }),
    );
    const work = lines.map(
      (own) => own.find((line) => line.includes("server"))?.split("server")[1],
    );
    expect(new Set(work).size).toBe(3);
  });

  test("has session resets of its own", () => {
    const caller = { instances: 1, policy: "resets" };
    const scenario = world({ sessionReset: { requests: 2 }, downstream: [layer({ caller })] });
    const { lines, end } = recordAll(scenario, never, () => scripted([RESET]));
    expect(
      lines[1].filter((line) => line.includes("sent")).map((line) => line.split("call 1 ")[1]),
    ).toEqual([
      "attempt 1 reset request 1 sent",
      "attempt 1 reset request 2 sent",
      "attempt 1 sent",
    ]);
    expect(end).toMatchObject({ sessionResets: 0, downstream: [{ sessionResets: 1 }] });
  });

  test("counts toward the bound on attempts", () => {
    const scenario = world({ downstream: [layer({ faults: FAILING })] });
    const end = record(scenario, retrying(1_000), { attemptsBound: 50 }).end;
    expect(end.cut).toBe(true);
    expect(end.attempts + (end.downstream?.[0].attempts ?? 0)).toBe(50);
  });
});

type Calls = Partial<Pick<ScenarioInput, "runMs" | "load">>;

/** So many servers, each calling the next, and the last one failing. */
function tower(servers: number, clients: number, calls: Calls, instances = 3) {
  const below = Array.from({ length: servers - 1 }, (_, index) =>
    layer({
      name: `layer ${index + 2}`,
      caller: { instances, policy: `layer ${index + 2}`, ...PATIENT },
      server: WIDE,
      faults: index === servers - 2 ? FAILING : [],
    }),
  );
  return world({
    server: WIDE,
    clients: { count: clients, ...PATIENT },
    downstream: below,
    ...calls,
  });
}

/** Requests that reach the last layer, with a policy for each layer's callers. */
function atTheBottom(
  scenario: Scenario,
  policies: readonly Policy[],
): { calls: number; bottom: number } {
  const [policy, ...below] = policies;
  const policyOf = (name: string) => below[Number(name.split(" ")[1]) - 2];
  const { calls, downstream = [] } = simulate({
    scenario,
    policy,
    policyOf,
    seed: 1,
    trace: new SilentTrace(),
  });
  return { calls, bottom: downstream.at(-1)?.attempts ?? 0 };
}

describe("retries at every layer", () => {
  test.each([
    [3, 4, 64],
    [5, 3, 243],
    [2, 10, 100],
  ])(
    "multiply: %i layers of %i attempts each make %i requests of one call",
    (layers, attempts, requests) => {
      const policies = Array.from({ length: layers }, () => immediate({ attemptsMax: attempts }));
      const scenario = tower(layers, 7, {});
      expect(atTheBottom(scenario, policies)).toEqual({ calls: 7, bottom: 7 * requests });
    },
  );

  test("add up at most when only one layer retries", () => {
    const once = immediate({ attemptsMax: 1 });
    const policies = [once, once, immediate({ attemptsMax: 4 })];
    expect(atTheBottom(tower(3, 7, {}), policies)).toEqual({ calls: 7, bottom: 28 });
  });
});

describe("a budget of 10 tokens, when nothing succeeds", () => {
  const TOKENS = 10;
  const CLIENTS = 20;
  const INSTANCES = 3;
  const retrying4 = () => immediate({ attemptsMax: 4 });
  const jar = () => budgeted(retrying4(), { ratio: 0.1, tokensMax: TOKENS, tokensInitial: TOKENS });
  const load: Calls = {
    runMs: 10_000,
    load: { kind: "open", arrivals: [{ fromMs: 0, perSecond: 100 }] },
  };
  const scenario = tower(3, CLIENTS, load, INSTANCES);

  test("at each layer: its callers' jars are all that is added to what the layer above sends", () => {
    const { calls, bottom } = atTheBottom(scenario, [jar(), jar(), jar()]);
    expect(calls).toBeGreaterThan(900);
    // Every jar is emptied, so the bound is met exactly.
    expect(bottom).toBe(calls + (CLIENTS + INSTANCES + INSTANCES) * TOKENS);
  });

  test("at the last layer only: the layers above still multiply", () => {
    const { calls, bottom } = atTheBottom(scenario, [retrying4(), retrying4(), jar()]);
    expect(bottom).toBe(calls * 16 + INSTANCES * TOKENS);
  });

  test("at the first layer only: the layers below still multiply", () => {
    const { calls, bottom } = atTheBottom(scenario, [jar(), retrying4(), retrying4()]);
    expect(bottom).toBe((calls + CLIENTS * TOKENS) * 16);
  });
});
