/**
 * Within one tick: flags, faults, capacity changes, finishes, arrivals at the server, answers at clients,
 * timeouts, wakes, new calls; ties by client, call, attempt and part.
 */
import { describe, expect, test } from "vitest";
import { Load } from "../../src/load.ts";
import { at, record, SEND, scripted, stateless, wait, world } from "./worlds.ts";

describe("in one tick", () => {
  test("a flag changes before anything else", () => {
    const seen: unknown[] = [];
    const policy = stateless(({ nowMs, flags }) => {
      seen.push([nowMs, flags.boolean("kill", false)]);
      return { do: "stop", why: "flag" };
    });
    const flags = [{ atMs: 2, name: "kill", value: true }];
    record(world({ flags, server: { workers: [{ fromMs: 0, workers: 0 }] } }), policy);
    expect(seen).toEqual([[2, true]]);
  });

  test("an outage comes before the work that would just be finished", () => {
    const faults = [{ kind: "outage" as const, fromMs: 11, untilMs: 12 }];
    const { lines } = record(world({ faults }));
    expect(at(lines, 11)).toEqual([]);
    expect(at(lines, 12)).toEqual([
      "client 0 call 1 attempt 1: connection",
      "client 0 call 1 ends after 1 attempt: attempts",
    ]);
  });

  test("an outage that ends lets in what arrives", () => {
    const faults = [{ kind: "outage" as const, fromMs: 0, untilMs: 1 }];
    const { lines } = record(world({ faults }));
    expect(lines).toContain("12 ms client 0 call 1 attempt 1: answered");
  });

  test("a new worker comes before what arrives", () => {
    const workers = [
      { fromMs: 0, workers: 0 },
      { fromMs: 1, workers: 1 },
    ];
    const { lines } = record(world({ server: { workers } }));
    expect(lines).toContain("12 ms client 0 call 1 attempt 1: answered");
  });

  test("a worker is free again before the next request arrives, of whatever client", () => {
    const clients = { count: 2, timeoutMs: 100 };
    const { lines } = record(world({ clients }), scripted([wait(10), SEND], [SEND]));
    expect(at(lines, 1)).toEqual([]);
    expect(at(lines, 11)).toEqual(["server: 10 ms of work"]);
    expect(lines).toContain("22 ms client 0 call 1 attempt 1: answered");
  });

  test("an answer is in time when it comes with the timeout", () => {
    const { lines } = record(world({ clients: { count: 1, timeoutMs: 12 } }));
    expect(at(lines, 12)).toEqual([
      "client 0 call 1 attempt 1: answered",
      "client 0 call 1 ends after 1 attempt: answered",
    ]);
    expect(record(world({ clients: { count: 1, timeoutMs: 11 } })).lines).toContain(
      "11 ms client 0 call 1 attempt 1: timeout",
    );
  });

  test("answers come before timeouts, timeouts before wakes, whatever the client", () => {
    // Client 0 wakes when client 1 times out when client 2, rejected at once, gets its answer.
    const server = { workers: [{ fromMs: 0, workers: 0 }], queue: { places: 1, order: "fifo" } };
    const { lines } = record(
      world({ clients: { count: 3, timeoutMs: 20 }, server: server as never }),
      scripted([wait(20), SEND], [SEND], [wait(18), SEND]),
    );
    expect(at(lines, 20)).toEqual([
      "client 2 call 1 attempt 1: rejected 503",
      "client 2 call 1 ends after 1 attempt: attempts",
      "client 1 call 1 attempt 1: timeout",
      "client 1 call 1 ends after 1 attempt: attempts",
      "client 0 call 1 attempt 1 sent",
    ]);
  });

  test("a wake comes before a new call, whatever the client", () => {
    const clients = { count: 2, timeoutMs: 100 };
    const scenario = world({ clients, load: { kind: "herd", fromMs: 0, overMs: 500 } });
    const seed = 3;
    const load = new Load(scenario, seed);
    const [firstMs, first] = [load.nextAtUs() / 1000, load.take()];
    const [secondMs, second] = [load.nextAtUs() / 1000, load.take()];
    expect([first, second]).toEqual([1, 0]);
    const policy = scripted([wait(secondMs - firstMs), SEND], [SEND]);
    const { lines } = record(scenario, policy, { seed });
    expect(at(lines, secondMs)).toEqual([
      "client 1 call 1 attempt 1 sent",
      "client 0 call 1 starts",
      "client 0 call 1 attempt 1 sent",
    ]);
  });

  test("ties go by client: arrivals, finishes, answers, timeouts and wakes", () => {
    const clients = { count: 4, timeoutMs: 12 };
    const workers = [{ fromMs: 0, workers: 2 }];
    // All fail at 12 or are answered; whoever failed comes again at 20.
    const again = [SEND, wait(8), SEND];
    const policy = scripted(again, again, again, again);
    const queue = { places: 2, order: "fifo" as const };
    const { lines } = record(world({ clients, server: { workers, queue } }), policy);
    expect(at(lines, 12)).toEqual([
      "client 0 call 1 attempt 1: answered",
      "client 0 call 1 ends after 1 attempt: answered",
      "client 1 call 1 attempt 1: answered",
      "client 1 call 1 ends after 1 attempt: answered",
      "client 2 call 1 attempt 1: timeout",
      "client 2 call 1 waits 8 ms after attempt 1",
      "client 3 call 1 attempt 1: timeout",
      "client 3 call 1 waits 8 ms after attempt 1",
    ]);
    expect(at(lines, 20)).toEqual([
      "client 2 call 1 attempt 2 sent",
      "client 3 call 1 attempt 2 sent",
    ]);
  });

  test("ties go by client even when the higher client was first in time", () => {
    // Client 1 waits from 0 to 20, client 0 only from 12 to 20.
    const clients = { count: 2, timeoutMs: 12 };
    const policy = scripted([SEND, wait(8), SEND], [wait(20), SEND]);
    const server = { workers: [{ fromMs: 0, workers: 0 }], queue: { places: 1, order: "fifo" } };
    const { lines } = record(world({ clients, server: server as never }), policy);
    expect(at(lines, 20)).toEqual([
      "client 0 call 1 attempt 2 sent",
      "client 1 call 1 attempt 1 sent",
    ]);
  });
});
