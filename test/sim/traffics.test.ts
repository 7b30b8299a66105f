/** Clients that make several kinds of calls, in a world of 1 ms each way and one worker that takes 10 ms. */
import { describe, expect, test } from "vitest";
import { trafficMeter } from "../../src/measure/traffic-meter.ts";
import type { Policy } from "../../src/policy.ts";
import type { Scenario, ScenarioInput } from "../../src/scenario.ts";
import { simulate } from "../../src/sim/simulation.ts";
import { RecordedTrace, SilentTrace } from "../../src/trace.ts";
import { callNumber, numberInTraffic, trafficOf } from "../../src/traffic.ts";
import { at, never, record, retrying, SERVER, world } from "./worlds.ts";

type Traffic = NonNullable<ScenarioInput["traffics"]>[number];

const herd = { kind: "herd" as const, fromMs: 0, overMs: 0 };
const workers = (count: number) => ({ workers: [{ fromMs: 0, workers: count }] });
const silent = { ...workers(0), queue: { places: 100_000, order: "fifo" as const } };

/** Times at which calls of a traffic begin, by client. */
function beginnings(scenario: Scenario, traffic: number, policy: Policy = never) {
  const byClient = new Map<number, number[]>();
  class Beginnings extends SilentTrace {
    override callStarted(atUs: number, client: number, call: number): void {
      if (trafficOf(call) !== traffic) return;
      byClient.set(client, [...(byClient.get(client) ?? []), atUs / 1000]);
    }
  }
  simulate({ scenario, policy, seed: 1, trace: new Beginnings() });
  return byClient;
}

describe("the number of a call", () => {
  test("says which traffic it belongs to, and which call of it it is", () => {
    expect(trafficOf(callNumber(0, 1))).toBe(0);
    expect([trafficOf(callNumber(20, 7)), numberInTraffic(callNumber(20, 7))]).toEqual([20, 7]);
  });

  test("is refused where the next traffic's would begin", () => {
    expect(() => callNumber(0, 2 ** 26)).toThrow("Expected fewer than 67108864 calls a client");
  });
});

describe("another traffic", () => {
  const polls: Traffic = { name: "poll", load: { kind: "poll", everyMs: 100 } };

  test("is called by the same clients, beside their own calls, which it leaves as they are", () => {
    const load = { kind: "open" as const, arrivals: [{ fromMs: 0, perSecond: 20 }] };
    const clients = { count: 3, timeoutMs: 500 };
    const server = { ...workers(10) };
    const alone = record(world({ load, clients, server })).lines;
    const both = record(world({ load, clients, server, traffics: [polls] })).lines;
    const own = (lines: readonly string[]) =>
      lines.filter((line) => line.includes(" starts") && !line.includes("of traffic 1"));
    expect(own(both)).toEqual(own(alone));
    expect(own(alone).length).toBeGreaterThan(5);
    const begun = beginnings(world({ load, clients, server, traffics: [polls] }), 1);
    expect([...begun.keys()].sort()).toEqual([0, 1, 2]);
  });

  test("has a timeout and a deadline of its own", () => {
    const server = {
      service: { distribution: "deterministic" as const, meanMs: 50 },
      ...workers(2),
    };
    const hasty: Traffic = { name: "hasty", load: herd, timeoutMs: 5 };
    const { lines } = record(world({ server, traffics: [hasty] }));
    expect(lines).toContain("52 ms client 0 call 1 attempt 1: answered");
    expect(lines).toContain("5 ms client 0 call 1 of traffic 1 attempt 1: timeout");
    const brief: Traffic = { name: "brief", load: herd, deadlineMs: 7 };
    const ended = record(world({ server, traffics: [brief] }), retrying(3)).lines;
    expect(ended).toContain("7 ms client 0 call 1 of traffic 1 ends after 1 attempt: deadline");
    expect(ended).toContain("52 ms client 0 call 1 ends after 1 attempt: answered");
  });

  test("may have a policy of its own", () => {
    const faults = [{ kind: "partial" as const, fromMs: 0, untilMs: 2_000, share: 1, status: 503 }];
    const scenario = world({ faults, traffics: [{ name: "x", load: herd, policy: "thrice" }] });
    const { lines } = record(scenario, retrying(1), { policyOf: () => retrying(3, 10) });
    expect(lines).toContain("2 ms client 0 call 1 ends after 1 attempt: attempts");
    expect(lines).toContain("26 ms client 0 call 1 of traffic 1 ends after 3 attempts: attempts");
  });

  test("asks for the policy by name, and says whose it is when nobody knows it", () => {
    const scenario = world({ traffics: [{ name: "x", load: herd, policy: "thrice" }] });
    expect(() => record(scenario)).toThrow(
      'for traffic "x" of scenario "world" has policy "thrice"',
    );
  });

  test.each([undefined, 1])(
    "has the flags of its client's cohort (refresh %s)",
    (flagsRefreshMs) => {
      const seen: string[] = [];
      const noting: Policy = {
        name: "noting",
        initial: {},
        decide(_state, { nowMs, flags }) {
          const on = ["all", "half"].filter((name) => flags.boolean(name, false));
          if (nowMs > 500) seen.push(on.join(" and "));
          return { do: "send" };
        },
      };
      const flag = (name: string) => [{ atMs: 100, name, value: true }];
      const scenario = world({
        clients: { count: 40, timeoutMs: 100, flagsRefreshMs },
        load: { kind: "poll", everyMs: 50 },
        server: workers(1_000),
        flags: flag("all"),
        cohorts: [{ name: "half", share: 0.5, flags: flag("half") }],
        traffics: [{ ...polls, policy: "noting" }],
      });
      record(scenario, never, { policyOf: () => noting });
      expect(new Set(seen)).toEqual(new Set(["all", "all and half"]));
    },
  );

  describe("and the state of a policy", () => {
    /** Lets one retry through, of all that it is asked about with one state. */
    const once: Policy = {
      name: "once",
      initial: { spent: 0 },
      decide(state, event) {
        if (event.kind !== "failure") return { do: "send" };
        return state.spent++ === 0 ? { do: "wait", delayMs: 1 } : { do: "stop", why: "budget" };
      },
    };
    const faults = [{ kind: "partial" as const, fromMs: 0, untilMs: 2_000, share: 1, status: 503 }];
    const retries = (traffic: Traffic) =>
      record(world({ faults, traffics: [traffic] }), once, { policyOf: () => once }).end.retries;

    test("is shared by a client's traffics that have its policy", () => {
      expect(retries({ name: "x", load: herd })).toBe(1);
    });

    test("is apart where a traffic names its policy, even the same one", () => {
      expect(retries({ name: "x", load: herd, policy: "once" })).toBe(2);
    });
  });

  test("comes after the scenario's own where both begin in one tick", () => {
    const { lines } = record(world({ traffics: [{ name: "x", load: herd }], server: workers(2) }));
    expect(at(lines, 0)).toEqual([
      "client 0 call 1 starts",
      "client 0 call 1 attempt 1 sent",
      "client 0 call 1 of traffic 1 starts",
      "client 0 call 1 of traffic 1 attempt 1 sent",
    ]);
  });

  test("has chance of its own", () => {
    const scenario = world({ load: polls.load, traffics: [polls], clients: { count: 20 } });
    const [own, others] = [beginnings(scenario, 0), beginnings(scenario, 1)];
    const equal = [...own].filter(([client, [first]]) => others.get(client)?.[0] === first);
    expect(equal.length).toBeLessThan(3);
  });

  test("has figures of its own", () => {
    const scenario = world({
      runMs: 10_000,
      clients: { count: 10, timeoutMs: 100 },
      server: { ...workers(100) },
      traffics: [
        polls,
        { name: "never", load: { kind: "open", arrivals: [{ fromMs: 0, perSecond: 0 }] } },
      ],
    });
    const trace = trafficMeter(scenario);
    simulate({ scenario, policy: never, seed: 1, trace });
    const figures = trace.figures();
    expect(figures.map(({ name, total }) => [name, total.calls, total.answered])).toEqual([
      [undefined, 10, 10],
      ["poll", 1_000, 1_000],
      ["never", 0, 0],
    ]);
  });
});

describe("polls", () => {
  const scenario = (clients: number, everyMs: number, timeoutMs: number) =>
    world({
      clients: { count: clients, timeoutMs },
      load: { kind: "poll", everyMs },
      server: { ...SERVER, ...workers(1_000) },
    });

  test("come at an even pace, from a moment of each client's own", () => {
    const begun = beginnings(scenario(500, 100, 50), 0);
    const firsts = [...begun.values()].map(([first]) => first);
    expect(firsts).toHaveLength(500);
    expect(Math.min(...firsts)).toBeLessThan(3);
    expect(Math.max(...firsts)).toBeGreaterThan(97);
    for (const times of begun.values()) {
      const gaps = times.slice(1).map((time, index) => time - times[index]);
      expect(new Set(gaps)).toEqual(new Set([100]));
    }
  });

  test("are late when the last is not over, and never two at once", () => {
    const late = world({
      clients: { count: 1, timeoutMs: 250 },
      load: { kind: "poll", everyMs: 100 },
      server: silent,
    });
    const [times] = [...beginnings(late, 0).values()];
    expect(new Set(times.slice(1).map((time, index) => time - times[index]))).toEqual(
      new Set([250]),
    );
  });
});

describe("an attempt of two requests in turn", () => {
  const attempt = { requests: 2, order: "in-turn" as const };

  test("sends the second when the first was answered, and is answered then", () => {
    const { lines, end } = record(world({ attempt }));
    expect(lines.filter((line) => !line.includes("server"))).toEqual([
      "0 ms client 0 call 1 starts",
      "0 ms client 0 call 1 attempt 1 sent",
      "12 ms client 0 call 1 attempt 1: answered",
      "12 ms client 0 call 1 attempt 1 request 2 sent",
      "24 ms client 0 call 1 attempt 1 request 2: answered",
      "24 ms client 0 call 1 ends after 1 attempt: answered",
    ]);
    expect(end.attempts).toBe(1);
  });

  test("has one timeout for both", () => {
    const { lines } = record(world({ attempt, clients: { count: 1, timeoutMs: 20 } }), retrying(2));
    expect(at(lines, 20)).toEqual([
      "client 0 call 1 attempt 1 request 2: timeout",
      "client 0 call 1 attempt 2 sent",
    ]);
  });

  test("sends nothing when its time is over, be the last one answered in time", () => {
    const three = { requests: 3, order: "in-turn" as const };
    const clients = { count: 1, timeoutMs: 24 };
    const { lines } = record(world({ attempt: three, clients }));
    expect(at(lines, 24)).toEqual([
      "client 0 call 1 attempt 1 request 2: answered",
      "client 0 call 1 ends after 1 attempt: attempts",
    ]);
  });

  test("does not send the second when the first has failed", () => {
    const faults = [{ kind: "partial" as const, fromMs: 0, untilMs: 2_000, share: 1, status: 503 }];
    const { lines } = record(world({ attempt, faults }));
    expect(lines.join()).not.toContain("request 2");
  });

  test("is dropped when one of its answers was a lie", () => {
    const admission: Scenario["server"]["admission"] = [
      { fromMs: 0, gate: "drop" },
      { fromMs: 3, gate: "open" },
    ];
    const { lines } = record(world({ attempt, server: { admission } }));
    expect(lines.at(-1)).toBe("14 ms client 0 call 1 ends after 1 attempt: dropped");
  });
});

describe("an attempt that falls back", () => {
  const attempt = { requests: 2, order: "fallback" as const };
  const fails = (untilMs: number) => [
    { kind: "partial" as const, fromMs: 0, untilMs, share: 1, status: 503 },
  ];

  test("sends one request when that is answered", () => {
    const { lines } = record(world({ attempt }));
    expect(lines.at(-1)).toBe("12 ms client 0 call 1 ends after 1 attempt: answered");
    expect(lines.join()).not.toContain("request 2");
  });

  test("sends the next when the last has failed, and is answered with it", () => {
    const { lines, end } = record(world({ attempt, faults: fails(2) }));
    expect(lines.filter((line) => !line.includes("server"))).toEqual([
      "0 ms client 0 call 1 starts",
      "0 ms client 0 call 1 attempt 1 sent",
      "2 ms client 0 call 1 attempt 1: rejected 503",
      "2 ms client 0 call 1 attempt 1 request 2 sent",
      "14 ms client 0 call 1 attempt 1 request 2: answered",
      "14 ms client 0 call 1 ends after 1 attempt: answered",
    ]);
    expect(end).toMatchObject({ attempts: 1, retries: 0 });
  });

  test("fails when all have: twice the requests of each retry", () => {
    const { lines, end } = record(world({ attempt, faults: fails(2_000) }), retrying(3));
    expect(lines.filter((line) => line.endsWith("sent"))).toHaveLength(6);
    expect(end).toMatchObject({ attempts: 3, retries: 2 });
  });

  test("gives each request the whole timeout, but none beyond the deadline", () => {
    const clients = { count: 1, timeoutMs: 30, deadlineMs: 50 };
    const { lines } = record(world({ attempt, clients, server: silent }));
    expect(at(lines, 30)).toEqual([
      "client 0 call 1 attempt 1: timeout",
      "client 0 call 1 attempt 1 request 2 sent",
    ]);
    expect(at(lines, 50)).toEqual([
      "client 0 call 1 attempt 1 request 2: timeout",
      "client 0 call 1 ends after 1 attempt: attempts",
    ]);
    const brief = record(
      world({ attempt, clients: { ...clients, deadlineMs: 30 }, server: silent }),
    ).lines;
    expect(brief.join()).not.toContain("request 2");
  });
});

describe("a fan-out", () => {
  const attempt = { requests: 3, order: "at-once" as const };
  const sent = ["attempt 1 sent", "attempt 1 request 2 sent", "attempt 1 request 3 sent"];

  test("sends all at once, and is answered with the last", () => {
    const { lines } = record(world({ attempt, server: { queue: { places: 5, order: "fifo" } } }));
    expect(at(lines, 0)).toEqual(["starts", ...sent].map((what) => `client 0 call 1 ${what}`));
    expect(at(lines, 22)).toEqual(["client 0 call 1 attempt 1 request 2: answered"]);
    expect(at(lines, 32)).toEqual([
      "client 0 call 1 attempt 1 request 3: answered",
      "client 0 call 1 ends after 1 attempt: answered",
    ]);
  });

  test("fails with the first that fails; the others are nobody's, but worked on", () => {
    const { lines } = record(world({ attempt, server: { queue: { places: 1, order: "fifo" } } }));
    expect(at(lines, 2)).toEqual([
      "client 0 call 1 attempt 1 request 3: rejected 503",
      "client 0 call 1 attempt 1: abandoned",
      "client 0 call 1 attempt 1 request 2: abandoned",
      "client 0 call 1 ends after 1 attempt: attempts",
    ]);
    expect(lines.filter((line) => line.includes("of work, late"))).toHaveLength(2);
  });

  test("times out as a whole, and a retry sends all of it again", () => {
    const clients = { count: 1, timeoutMs: 15 };
    const { lines, end } = record(world({ attempt, clients, server: silent }), retrying(2));
    expect(at(lines, 15)).toEqual([
      "client 0 call 1 attempt 1: timeout",
      "client 0 call 1 attempt 1 request 2: timeout",
      "client 0 call 1 attempt 1 request 3: timeout",
      "client 0 call 1 attempt 2 sent",
      "client 0 call 1 attempt 2 request 2 sent",
      "client 0 call 1 attempt 2 request 3 sent",
    ]);
    expect(end.attempts).toBe(2);
  });

  test("that is not over at the end of the run ends unfinished, each request", () => {
    const clients = { count: 1, timeoutMs: 10_000 };
    const { lines } = record(world({ attempt, clients, server: silent }));
    expect(lines.slice(-4)).toEqual([
      "2000 ms client 0 call 1 attempt 1: unfinished",
      "2000 ms client 0 call 1 attempt 1 request 2: unfinished",
      "2000 ms client 0 call 1 attempt 1 request 3: unfinished",
      "2000 ms client 0 call 1 ends after 1 attempt: unfinished",
    ]);
  });
});

test("a fan-out that is not over ends its own requests, whoever has the place of one that is", () => {
  // The second request is served first, and answered at 17 ms; then a reset takes its place.
  const scenario = world({
    runMs: 18,
    patienceMs: 1,
    clients: { count: 2, timeoutMs: 1_000 },
    load: { kind: "recorded", atMs: [0], clients: [0] },
    attempt: { requests: 2, order: "at-once" },
    traffics: [{ name: "x", load: { kind: "recorded", atMs: [17], clients: [1] }, policy: "x" }],
    server: {
      workers: [
        { fromMs: 0, workers: 0 },
        { fromMs: 6, workers: 1 },
      ],
      queue: { places: 10, order: "lifo" },
    },
  });
  const resets: Policy = { ...never, decide: () => ({ do: "send", resetSession: true }) };
  const { lines } = record(scenario, never, { policyOf: () => resets });
  expect(lines).toContain("17 ms client 0 call 1 attempt 1 request 2: answered");
  expect(at(lines, 19)).toEqual([
    "client 0 call 1 attempt 1: unfinished",
    "client 0 call 1 ends after 1 attempt: unfinished",
    "client 1 call 1 of traffic 1 attempt 1 reset request 1: unfinished",
    "client 1 call 1 of traffic 1 ends after 1 attempt: unfinished",
  ]);
});

describe("calls to one recipient", () => {
  const load = { kind: "recorded" as const, atMs: [0, 1, 2], clients: [0, 0, 0] };
  const recipients = { count: 1 };

  test("go one after the other, and begin for their user before their turn", () => {
    const trace = new RecordedTrace();
    const startedMs: number[] = [];
    trace.callEnded = (_atUs, _client, _call, _attempts, startedUs) => {
      startedMs.push(startedUs / 1000);
    };
    const scenario = world({ load, recipients, server: workers(3) });
    const { calls } = simulate({ scenario, policy: never, seed: 1, trace });
    expect(trace.lines.filter((line) => /starts|sent/.test(line))).toEqual([
      "0 ms client 0 call 1 starts",
      "0 ms client 0 call 1 attempt 1 sent",
      "1 ms client 0 call 2 starts",
      "2 ms client 0 call 3 starts",
      "12 ms client 0 call 2 attempt 1 sent",
      "24 ms client 0 call 3 attempt 1 sent",
    ]);
    expect(startedMs).toEqual([0, 1, 2]);
    expect(calls).toBe(3);
  });

  test("do not wait for those to others", () => {
    const atMs = Array.from({ length: 40 }, (_, index) => index);
    const many = { kind: "recorded" as const, atMs, clients: atMs.map(() => 0) };
    const scenario = world({
      load: many,
      recipients: { count: 1_000_000 },
      clients: { count: 1, timeoutMs: 100 },
      server: workers(100),
    });
    const { lines } = record(scenario);
    for (const ms of atMs) expect(at(lines, ms).join()).toContain("sent");
  });

  test("do not wait for those of other clients to the same number", () => {
    const both = { kind: "recorded" as const, atMs: [0, 0], clients: [0, 1] };
    const clients = { count: 2, timeoutMs: 100 };
    const { lines } = record(world({ load: both, recipients, clients, server: workers(2) }));
    expect(at(lines, 0).filter((line) => line.endsWith("sent"))).toHaveLength(2);
  });

  test("go on when the policy gives one up, and end with their deadline while in line", () => {
    const clients = { count: 1, timeoutMs: 50, deadlineMs: 20 };
    const { lines, end } = record(world({ load, recipients, clients, server: silent }));
    expect(lines.filter((line) => line.includes("ends"))).toEqual([
      "20 ms client 0 call 1 ends after 1 attempt: attempts",
      "21 ms client 0 call 2 ends after 1 attempt: attempts",
      "22 ms client 0 call 3 ends after 1 attempt: attempts",
    ]);
    expect(end.attempts).toBe(3);
  });

  test("that never had their turn are unfinished calls without an attempt", () => {
    const clients = { count: 1, timeoutMs: 10_000 };
    const { lines, end } = record(world({ load, recipients, clients, server: silent }));
    expect(lines.slice(-2)).toEqual([
      "2000 ms client 0 call 2 ends after 0 attempts: unfinished",
      "2000 ms client 0 call 3 ends after 0 attempts: unfinished",
    ]);
    expect(end).toMatchObject({ calls: 3, attempts: 1 });
  });

  test("stand in a line of any length that is refused at once", () => {
    const atMs = new Array<number>(50_000).fill(5);
    const clients = { count: 1, timeoutMs: 100 };
    const long = { kind: "recorded" as const, atMs };
    const refuses: Policy = {
      name: "refuses",
      initial: {},
      decide: (_state, { nowMs }) =>
        nowMs < 6 ? { do: "wait", delayMs: 10 } : { do: "stop", why: "breaker" },
    };
    const { end } = record(world({ load: long, recipients, clients }), refuses);
    expect(end.calls).toBe(50_000);
  });
});
