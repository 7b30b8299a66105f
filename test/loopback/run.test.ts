import { describe, expect, test } from "vitest";
import { exponential } from "../../policies/index.ts";
import { runLoopback } from "../../src/loopback/run.ts";
import type { Policy } from "../../src/policy.ts";
import { defineScenario, type ScenarioInput } from "../../src/scenario.ts";
import { simulate } from "../../src/sim/simulation.ts";
import { RecordedTrace, SilentTrace } from "../../src/trace.ts";
import { turn } from "../virtual-clock.ts";

/** Forty calls at once, to a server that has a worker for each, and a client that has all the time it needs. */
function scenarioOf(other: Partial<ScenarioInput> = {}) {
  return defineScenario({
    name: "loopback",
    shows: "",
    runMs: 50,
    patienceMs: 30_000,
    clients: { count: 40, timeoutMs: 20_000 },
    load: { kind: "herd", fromMs: 0, overMs: 20 },
    networkMs: 1,
    server: {
      workers: [{ fromMs: 0, workers: 1_000 }],
      service: { distribution: "exponential", meanMs: 2 },
      queue: { places: 1_000, order: "fifo" },
      rejection: { status: 503, costMs: 0 },
    },
    ...other,
  });
}

const always = { fromMs: 0, untilMs: 1e9 };
const { server } = scenarioOf();
const nobody = [{ fromMs: 0, workers: 0 }];
const retrying = exponential({ delayBaseMs: 2, attemptsMax: 4 });

const resetting: Policy = {
  name: "resetting",
  initial: {},
  decide: (_state, event) => {
    if (event.kind !== "failure") return { do: "send", resetSession: true };
    return event.attempt < 3 ? { do: "wait", delayMs: 1 } : { do: "stop", why: "attempts" };
  },
};

/** What happened to each call, in order; not when. */
function storiesOf(lines: readonly string[]): Record<string, string[]> {
  const stories: Record<string, string[]> = {};
  for (const line of lines) {
    const [, call, what] = /^[\d.]+ ms (client \d+ call \d+) (.*)$/.exec(line) ?? [];
    if (call === undefined) continue;
    stories[call] = [...(stories[call] ?? []), what];
  }
  return stories;
}

describe("through sockets each call meets what it meets in the simulator", () => {
  const half = { kind: "partial", share: 0.5, ...always } as const;
  test.each([
    ["answers", {}, retrying, "attempt 1: answered"],
    ["failures drawn for each attempt", { faults: [{ ...half, status: 500 }] }, retrying, "500"],
    ["refusals that no retry can help", { faults: [{ ...half, status: 404 }] }, retrying, "fatal"],
    ["broken connections", { faults: [{ kind: "outage", ...always }] }, retrying, "connection"],
    [
      "rejections, with when to come again",
      {
        server: {
          ...server,
          workers: nobody,
          queue: { places: 0, order: "fifo" },
          rejection: { status: 429, retryAfterMs: 2_000, costMs: 0 },
        },
      },
      exponential({ attemptsMax: 1 }),
      "429",
    ],
    [
      "silence until the timeout",
      { server: { ...server, workers: nobody }, clients: { count: 40, timeoutMs: 30 } },
      retrying,
      "timeout",
    ],
    [
      "requests and answers that the network loses",
      {
        faults: [{ kind: "loss", share: 0.2, ...always }],
        clients: { count: 40, timeoutMs: 2_000 },
      },
      exponential({ attemptsMax: 1 }),
      "timeout",
    ],
    [
      "a gate that lets a share in",
      { server: { ...server, admission: [{ fromMs: 0, gate: "share-of-requests", share: 0.5 }] } },
      retrying,
      "503",
    ],
    [
      "a yes that is none",
      { server: { ...server, admission: [{ fromMs: 0, gate: "drop" }] } },
      retrying,
      "answered, but dropped",
    ],
    [
      "session resets, some of which fail",
      { faults: [{ ...half, share: 0.2, status: 500 }] },
      resetting,
      "reset request 3: answered",
    ],
  ] as const)("%s", async (_what, other, policy, example) => {
    const scenario = scenarioOf(other as Partial<ScenarioInput>);
    const [simulated, measured] = [new RecordedTrace(), new RecordedTrace()];
    const { meanState: _, ...end } = simulate({ scenario, policy, seed: 3, trace: simulated });
    const found = await runLoopback({ scenario, policy, seed: 3, trace: measured });
    const stories = storiesOf(measured.lines);
    expect(Object.keys(stories)).toHaveLength(40);
    expect(JSON.stringify(stories)).toContain(example);
    expect(stories).toEqual(storiesOf(simulated.lines));
    expect(found).toEqual({ ...end, endUs: found.endUs });
  });

  test("and so does each piece of the server's work, of which the last needs no waiting for", async () => {
    // One worker, whose work outlives every caller, and callers who stay until they are heard.
    const scenario = scenarioOf({
      clients: { count: 10, timeoutMs: 1_500 },
      server: {
        ...server,
        workers: [{ fromMs: 0, workers: 1 }],
        service: { distribution: "deterministic", meanMs: 2_000 },
      },
    });
    const policy = exponential({ attemptsMax: 1 });
    const [simulated, measured] = [new RecordedTrace(), new RecordedTrace()];
    simulate({ scenario, policy, seed: 3, trace: simulated });
    await runLoopback({ scenario, policy, seed: 3, trace: measured });
    const work = (lines: readonly string[]) =>
      lines.filter((line) => line.includes("server:")).map((line) => line.replace(/^\S+/, ""));
    expect(work(measured.lines)).toHaveLength(10);
    expect(work(measured.lines)).toEqual(work(simulated.lines));
  });
});

describe("a run", () => {
  test("calls again and again in closed load", async () => {
    const load = { kind: "closed", thinkMs: 20 } as const;
    const clients = { count: 4, timeoutMs: 20_000 };
    const scenario = scenarioOf({ load, clients, runMs: 1_000 });
    const trace = new RecordedTrace();
    const { calls } = await runLoopback({ scenario, policy: retrying, seed: 1, trace });
    expect(calls).toBeGreaterThan(4);
    expect(trace.lines.filter((line) => line.endsWith("attempt: answered"))).toHaveLength(calls);
  });

  test("is cut at its bound on attempts", async () => {
    const scenario = scenarioOf({ faults: [{ kind: "outage", ...always }] });
    const policy = exponential({ delayBaseMs: 1, delayMaxMs: 1, attemptsMax: 1_000 });
    const options = { scenario, policy, seed: 1, trace: new SilentTrace() };
    const { cut, attempts } = await runLoopback({ ...options, attemptsBound: 100 });
    expect(cut).toBe(true);
    // Those that were about to be sent are.
    expect(attempts).toBeGreaterThanOrEqual(100);
    expect(attempts).toBeLessThan(140);
  });

  test("ends with what is in flight unfinished", async () => {
    const scenario = scenarioOf({ server: { ...server, workers: nobody }, patienceMs: 1 });
    const trace = new RecordedTrace();
    const { endUs } = await runLoopback({ scenario, policy: retrying, seed: 1, trace });
    expect(endUs).toBeGreaterThanOrEqual(51_000);
    const unfinished = trace.lines.filter((line) => line.endsWith("attempt 1: unfinished"));
    expect(unfinished).toHaveLength(40);
  });

  test("closes every socket, however it ends", async () => {
    const stop = new AbortController();
    const connected = Promise.withResolvers<number>();
    const scenario = scenarioOf({ server: { ...server, workers: nobody } });
    const trace = new SilentTrace();
    let sent = 0;
    trace.requestSent = () => {
      if (++sent === 40) connected.resolve(sent);
    };
    const run = runLoopback({ scenario, policy: retrying, seed: 1, trace, signal: stop.signal });
    const failed = expect(run).rejects.toThrow("enough");
    await connected.promise;
    const before = openSockets();
    expect(before).toBeGreaterThan(0);
    stop.abort(new Error("enough"));
    await failed;
    // Node lets go of what is closed in the next turns of its loop.
    for (let turns = 0; turns < 10 && openSockets() > 0; turns++) await turn();
    expect(openSockets()).toBe(0);
  });

  test("does not begin when it was stopped before, or when it would have to change flags or call a chain", async () => {
    const options = { policy: retrying, seed: 1, trace: new SilentTrace() };
    const signal = AbortSignal.abort(new Error("too late"));
    await expect(runLoopback({ ...options, scenario: scenarioOf(), signal })).rejects.toThrow(
      "too late",
    );
    const flags = [{ atMs: 10, name: "retries", value: false }];
    await expect(runLoopback({ ...options, scenario: scenarioOf({ flags }) })).rejects.toThrow(
      'Expected scenario "loopback" to have no flags',
    );
    const downstream = [{ name: "store" }];
    await expect(runLoopback({ ...options, scenario: scenarioOf({ downstream }) })).rejects.toThrow(
      'Expected scenario "loopback" to have no `downstream`',
    );
  });

  test("fails when its policy throws, with what it threw, be it at the last call", async () => {
    const policy: Policy = {
      name: "broken",
      initial: {},
      decide: () => {
        throw new RangeError("no idea");
      },
    };
    const clients = { count: 1, timeoutMs: 20_000 };
    const scenario = scenarioOf({ clients });
    const run = runLoopback({ scenario, policy, seed: 1, trace: new SilentTrace() });
    await expect(run).rejects.toThrow(new RangeError("no idea"));
  });
});

function openSockets(): number {
  return process
    .getActiveResourcesInfo()
    .filter((name) => name === "TCPSocketWrap" || name === "TCPServerWrap").length;
}
