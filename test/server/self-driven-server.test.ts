import { describe, expect, test } from "vitest";
import { defineScenario, type ScenarioInput } from "../../src/scenario.ts";
import { SelfDrivenServer } from "../../src/server/self-driven-server.ts";
import { VirtualClock } from "../virtual-clock.ts";

/** One worker, 10 ms a request, 5 ms of network each way. */
function start(other: Partial<ScenarioInput> = {}) {
  const clock = new VirtualClock(1_000);
  const scenario = defineScenario({
    name: "one worker",
    shows: "",
    runMs: 100,
    tickUs: 1,
    load: { kind: "herd", fromMs: 0, overMs: 0 },
    networkMs: 5,
    server: {
      workers: [{ fromMs: 0, workers: 1 }],
      service: { distribution: "deterministic", meanMs: 10 },
      queue: { places: 10, order: "fifo" },
      rejection: { status: 503, costMs: 0 },
    },
    ...other,
  });
  const done: string[] = [];
  const server = new SelfDrivenServer({
    scenario,
    seed: 1,
    clock,
    originMs: 1_000,
    served: (atUs, _serviceUs, late) => done.push(`${atUs / 1000}${late ? " late" : ""}`),
  });
  const ends: string[] = [];
  const send = (left = new AbortController()) => {
    void server.receive(undefined, left.signal).then(({ kind }) => {
      ends.push(`${kind} at ${clock.nowMs() - 1_000}`);
    });
    return left;
  };
  return { clock, server, done, ends, send };
}

describe("a server that drives itself", () => {
  test("answers in the time of its clock, and sets a timer only while somebody waits", async () => {
    const { clock, ends, done, send } = start();
    expect(clock.pending).toBe(0);
    send();
    send();
    expect(clock.pending).toBe(1);
    await clock.advance(100);
    expect(done).toEqual(["15", "25"]);
    expect(ends).toEqual(["answered at 20", "answered at 30"]);
    expect(clock.pending).toBe(0);
  });

  test("begins the next work when the last was done, not when a late timer told of it", async () => {
    const { clock, ends, done, send } = start();
    send();
    await clock.advance(3);
    send();
    // As if the event loop had been busy until then.
    clock.jump(57);
    await clock.advance(0);
    expect(done).toEqual(["15", "25"]);
    expect(ends).toEqual(["answered at 60", "answered at 60"]);
  });

  test("does the work of who has left, late, without a timer for it", async () => {
    const { clock, server, ends, done, send } = start();
    const left = send();
    await clock.advance(7);
    left.abort();
    expect(clock.pending).toBe(0);
    server.finish(100_000);
    expect(done).toEqual(["15 late"]);
    expect(ends).toEqual([]);
  });

  test("counts in whole ticks", async () => {
    const { clock, ends, send } = start({ tickUs: 1000 });
    await clock.advance(0.9);
    send();
    await clock.advance(100);
    expect(ends).toEqual(["answered at 20"]);
  });
});
