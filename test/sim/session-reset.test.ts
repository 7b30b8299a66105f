/**
 * A session reset sends its requests in sequence, under the attempt timeout as a whole, unretried; if they
 * fail, the attempt is sent all the same.
 */
import { describe, expect, test } from "vitest";
import { RunMeter } from "../../src/measure/run-figures.ts";
import { simulate } from "../../src/sim/simulation.ts";
import { RESET, record, SEND, scripted, stateless, wait, world } from "./worlds.ts";

const reset = scripted([RESET]);
const steps = (lines: readonly string[]) =>
  lines
    .filter((line) => line.includes("attempt"))
    .map((line) => line.replace("client 0 call 1 ", ""));

describe("a session reset", () => {
  test("sends one request after the other, each through the server, then the attempt", () => {
    const { lines, end } = record(world({ sessionReset: { requests: 2 } }), scripted([RESET]));
    expect(lines).toEqual([
      "0 ms client 0 call 1 starts",
      "0 ms client 0 call 1 attempt 1 reset request 1 sent",
      "11 ms server: 10 ms of work",
      "12 ms client 0 call 1 attempt 1 reset request 1: answered",
      "12 ms client 0 call 1 attempt 1 reset request 2 sent",
      "23 ms server: 10 ms of work",
      "24 ms client 0 call 1 attempt 1 reset request 2: answered",
      "24 ms client 0 call 1 attempt 1 sent",
      "35 ms server: 10 ms of work",
      "36 ms client 0 call 1 attempt 1: answered",
      "36 ms client 0 call 1 ends after 1 attempt: answered",
    ]);
    expect(end).toMatchObject({ attempts: 1, retries: 0, sessionResets: 1 });
  });

  test("that costs nothing is only counted", () => {
    const { lines, end } = record(world({ sessionReset: { requests: 0 } }), scripted([RESET]));
    expect(steps(lines)[0]).toBe("0 ms attempt 1 sent");
    expect(end.sessionResets).toBe(1);
  });

  test("ends at its first failure, and the attempt is sent all the same", () => {
    const server = {
      workers: [
        { fromMs: 0, workers: 0 },
        { fromMs: 3, workers: 1 },
      ],
    };
    const { lines } = record(world({ server, sessionReset: { requests: 3 } }), scripted([RESET]));
    expect(steps(lines).slice(0, 4)).toEqual([
      "0 ms attempt 1 reset request 1 sent",
      "2 ms attempt 1 reset request 1: rejected 503",
      "2 ms attempt 1 sent",
      "14 ms attempt 1: answered",
    ]);
  });

  test("has one attempt timeout for all its requests; the attempt then has its own", () => {
    const clients = { count: 1, timeoutMs: 20 };
    const { lines } = record(world({ clients, sessionReset: { requests: 3 } }), reset);
    expect(steps(lines).slice(0, 6)).toEqual([
      "0 ms attempt 1 reset request 1 sent",
      "12 ms attempt 1 reset request 1: answered",
      "12 ms attempt 1 reset request 2 sent",
      "20 ms attempt 1 reset request 2: timeout",
      "20 ms attempt 1 sent",
      // The worker is still at the reset's work, and there is no queue.
      "22 ms attempt 1: rejected 503",
    ]);
  });

  test("that uses up the call's time fails the attempt as a timeout, unsent", () => {
    const clients = { count: 1, timeoutMs: 100, deadlineMs: 15 };
    const { lines, end } = record(
      world({ clients, sessionReset: { requests: 3 } }),
      scripted([RESET, wait(1)]),
    );
    expect(steps(lines)).toEqual([
      "0 ms attempt 1 reset request 1 sent",
      "12 ms attempt 1 reset request 1: answered",
      "12 ms attempt 1 reset request 2 sent",
      "15 ms attempt 1 reset request 2: timeout",
      "15 ms ends after 1 attempt: deadline",
    ]);
    expect(end.attempts).toBe(1);
  });

  test("comes before a retry, too", () => {
    const faults = [{ kind: "outage" as const, fromMs: 0, untilMs: 5 }];
    const scenario = world({ faults, sessionReset: { requests: 1 } });
    const { lines } = record(scenario, scripted([SEND, wait(10), RESET]));
    expect(steps(lines)).toEqual([
      "0 ms attempt 1 sent",
      "2 ms attempt 1: connection",
      "2 ms waits 10 ms after attempt 1",
      "12 ms attempt 2 reset request 1 sent",
      "24 ms attempt 2 reset request 1: answered",
      "24 ms attempt 2 sent",
      "36 ms attempt 2: answered",
      "36 ms ends after 2 attempts: answered",
    ]);
  });

  test("adds its requests to the load, and is shown apart", () => {
    const scenario = world({
      clients: { count: 10, timeoutMs: 1_000 },
      server: { queue: { places: 100, order: "fifo" } },
    });
    const meter = new RunMeter(scenario);
    const policy = stateless(() => ({ do: "stop", why: "attempts" }));
    simulate({ scenario, policy: { ...policy, decide: () => RESET }, seed: 1, trace: meter });
    expect(meter.figures().total).toEqual({
      calls: 10,
      answered: 10,
      dropped: 0,
      attempts: 10,
      requests: 40,
      resetRequests: 30,
      flagRequests: 0,
    });
  });
});
