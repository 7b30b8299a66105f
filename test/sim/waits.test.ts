/** What becomes of a policy's waits: deadlines, flags that change meanwhile, and the call's record. */
import { describe, expect, test } from "vitest";
import type { Decision, Policy, Wake } from "../../src/policy.ts";
import { PolicyError } from "../../src/policy-error.ts";
import { record, retrying, SEND, scripted, stateless, wait, world } from "./worlds.ts";

const closedServer = { server: { workers: [{ fromMs: 0, workers: 0 }] } };

/** A policy that waits after its first failure, and answers wakes as given. */
function waking(delayMs: number, afterWake: (wake: Wake) => Decision) {
  const wakes: Partial<Wake>[] = [];
  const policy: Policy = {
    name: "waking",
    initial: {},
    decide(_state, event) {
      if (event.kind === "start" || event.kind === "hedge") return SEND;
      if (event.kind === "failure")
        return event.attempt === 1 ? wait(delayMs) : { do: "stop", why: "attempts" };
      const { nowMs, waitedMs, remainingMs } = event;
      wakes.push({ nowMs, waitedMs, remainingMs });
      return afterWake(event);
    },
  };
  return { policy, wakes };
}

describe("a wait", () => {
  test("ends when its time has come, to the microsecond, with one wake", () => {
    for (const tickUs of [1, 1000] as const) {
      const { policy, wakes } = waking(0.3, () => SEND);
      const clients = { count: 200, timeoutMs: 100 };
      const load = { kind: "herd" as const, fromMs: 0, overMs: 900 };
      const { lines } = record(world({ ...closedServer, tickUs, clients, load }), policy);
      expect(wakes).toHaveLength(200);
      expect(wakes.every(({ remainingMs }) => remainingMs === 0)).toBe(true);
      const waits = lines.filter((line) => line.includes("waits"));
      expect(waits.every((line) => line.includes(`waits ${tickUs === 1 ? 0.3 : 1} ms`))).toBe(true);
      expect(waits).toHaveLength(200);
    }
  });

  test("of 0 ms for ever goes on with time", () => {
    const policy = waking(0, () => wait(0)).policy;
    const { lines, end } = record(world({ ...closedServer, runMs: 10, patienceMs: 10 }), policy);
    expect(end.endUs).toBe(20_000);
    expect(lines.filter((line) => line.includes("waits 1 ms"))).toHaveLength(19);
    expect(lines.at(-1)).toBe("20 ms client 0 call 1 ends after 1 attempt: unfinished");
  });

  test("before the first attempt is possible", () => {
    const { lines } = record(world(), scripted([wait(5), wait(7), SEND]));
    expect(lines.slice(0, 4)).toEqual([
      "0 ms client 0 call 1 starts",
      "0 ms client 0 call 1 waits 5 ms after attempt 0",
      "5 ms client 0 call 1 waits 7 ms after attempt 0",
      "12 ms client 0 call 1 attempt 1 sent",
    ]);
  });

  test("beyond what a timer can count ends the call", () => {
    const { lines } = record(world(closedServer), retrying(2, 2 ** 31));
    expect(lines.at(-1)).toBe("2 ms client 0 call 1 ends after 1 attempt: wait-too-long");
  });

  test("of no number ends the run with the policy's name", () => {
    const policy = { ...retrying(2, Number.NaN), name: "broken" };
    expect(() => record(world(closedServer), policy)).toThrow(PolicyError);
    expect(() => record(world(closedServer), policy)).toThrow(
      'Expected policy "broken" to answer a failure (attempt 1) with { do: "send" }',
    );
  });
});

describe("a flag that changes during a wait", () => {
  const flags = [
    { atMs: 10, name: "kill", value: true },
    { atMs: 20, name: "kill", value: false },
  ];

  test("asks again at that moment, once, and the wait goes on to its end", () => {
    const { policy, wakes } = waking(30, () => SEND);
    const { lines } = record(world({ ...closedServer, flags }), policy);
    expect(wakes).toEqual([
      { nowMs: 10, waitedMs: 8, remainingMs: 22 },
      { nowMs: 20, waitedMs: 18, remainingMs: 12 },
      { nowMs: 32, waitedMs: 30, remainingMs: 0 },
    ]);
    expect(lines).toContain("32 ms client 0 call 1 attempt 2 sent");
  });

  test("may cancel it", () => {
    const stopIfKilled = (wake: Wake): Decision =>
      wake.flags.boolean("kill", false) ? { do: "stop", why: "flag" } : SEND;
    const { policy, wakes } = waking(30, stopIfKilled);
    const { lines } = record(world({ ...closedServer, flags }), policy);
    expect(wakes).toHaveLength(1);
    expect(lines.at(-1)).toBe("10 ms client 0 call 1 ends after 1 attempt: flag");
  });

  test("may lengthen it: the old end then passes in silence", () => {
    const { policy, wakes } = waking(30, ({ nowMs }) => (nowMs === 10 ? wait(50) : SEND));
    record(world({ ...closedServer, flags: flags.slice(0, 1) }), policy);
    expect(wakes.map(({ nowMs }) => nowMs)).toEqual([10, 60]);
  });

  test("in the tick in which the wait ends is one wake", () => {
    const { policy, wakes } = waking(8, () => SEND);
    record(world({ ...closedServer, flags: flags.slice(0, 1) }), policy);
    expect(wakes).toEqual([{ nowMs: 10, waitedMs: 8, remainingMs: 0 }]);
  });

  test("wakes all who wait, in order of client, and nobody else", () => {
    const clients = { count: 3, timeoutMs: 100 };
    const policy = scripted([wait(50)], [SEND], [wait(40)]);
    const { lines } = record(world({ clients, flags: flags.slice(0, 1) }), policy);
    expect(policy.seen.filter((line) => line.startsWith("10 ms"))).toEqual([
      "10 ms script 0: wake",
      "10 ms script 2: wake",
    ]);
    expect(lines.filter((line) => line.startsWith("10 ms"))).toHaveLength(2);
  });
});

describe("a deadline", () => {
  const clients = { count: 1, timeoutMs: 20, deadlineMs: 50 };
  const queued = {
    workers: [{ fromMs: 0, workers: 0 }],
    queue: { places: 9, order: "fifo" as const },
  };

  test("cuts the attempt that it overtakes, and no attempt starts after", () => {
    const { lines } = record(world({ clients, server: queued }), retrying(10, 5));
    expect(lines.filter((line) => /attempt \d( sent|:)|ends/.test(line))).toEqual([
      "0 ms client 0 call 1 attempt 1 sent",
      "20 ms client 0 call 1 attempt 1: timeout",
      "25 ms client 0 call 1 attempt 2 sent",
      "45 ms client 0 call 1 attempt 2: timeout",
      "45 ms client 0 call 1 ends after 2 attempts: deadline",
    ]);
    const { lines: soon } = record(world({ clients, server: queued }), retrying(10, 4));
    expect(soon.slice(-3)).toEqual([
      "48 ms client 0 call 1 attempt 3 sent",
      "50 ms client 0 call 1 attempt 3: timeout",
      "50 ms client 0 call 1 ends after 3 attempts: deadline",
    ]);
  });

  test.each([
    ["that a wait would end at is not waited for", 0.02, 50_080],
    ["cuts an attempt short at its microsecond", 0.01, 50_100],
  ])("%s, wherever the call begins", (_what, delayMs, lastUs) => {
    const scenario = world({
      tickUs: 1,
      clients: { count: 500, timeoutMs: 10, deadlineMs: 50.1 },
      load: { kind: "herd", fromMs: 0, overMs: 900 },
      server: { ...queued, queue: { places: 100_000, order: "fifo" } },
    });
    const begunUs = new Map<string, number>();
    const sentUs: number[] = [];
    const endedUs: number[] = [];
    for (const line of record(scenario, retrying(10, delayMs)).lines) {
      const [, ms, client, what = ""] = /^(\S+) ms client (\d+) call 1 (.*)$/.exec(line) ?? [];
      const us = Math.round(Number(ms) * 1000);
      if (what === "starts") begunUs.set(client, us);
      const ageUs = us - (begunUs.get(client) ?? 0);
      if (what.endsWith("sent")) sentUs.push(ageUs);
      if (what.startsWith("ends")) endedUs.push(ageUs);
    }
    expect(Math.max(...sentUs)).toBeLessThan(50_100);
    expect(endedUs).toEqual(new Array(500).fill(lastUs));
  });

  test("of the policy is the call's too", () => {
    const policy = stateless(() => wait(5));
    const limited: Policy = {
      ...policy,
      decide: (state, event, random) =>
        event.kind === "start"
          ? { do: "send", deadlineMs: 30 }
          : policy.decide(state, event, random),
    };
    const { lines } = record(
      world({ clients: { count: 1, timeoutMs: 20 }, server: queued }),
      limited,
    );
    expect(lines.slice(-2)).toEqual([
      "30 ms client 0 call 1 attempt 2: timeout",
      "30 ms client 0 call 1 ends after 2 attempts: deadline",
    ]);
  });
});
