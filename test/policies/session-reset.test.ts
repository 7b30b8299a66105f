import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { budgeted, fixed, immediate, sessionReset } from "../../policies/index.ts";
import { type FlagChange, FlagPlan } from "../../src/flags.ts";
import type { Outcome } from "../../src/policy.ts";
import { Client, REJECTED, TIMEOUT } from "./drive.ts";

const FLAG = "automatic-session-reset";
const INTERVAL = "sessionResetIntervalMs";
const HOUR_MS = 3_600_000;
const CONNECTION: Outcome = { kind: "connection" };

const flag = (atMs: number, value: boolean): FlagChange => ({ atMs, name: FLAG, value });
const interval = (atMs: number, value: number): FlagChange => ({ atMs, name: INTERVAL, value });

class Resetter {
  readonly client: Client;
  readonly #plan: FlagPlan;

  constructor(
    options: Parameters<typeof sessionReset>[1],
    { client = 0, changes = [] as FlagChange[], nowMs = 0 } = {},
  ) {
    this.#plan = new FlagPlan(changes);
    this.client = new Client(sessionReset(immediate(), options), { client, nowMs });
  }

  /** Whether a call that fails at `atMs` resets the session before its retry. */
  resetsAt(atMs: number, outcome: Outcome = REJECTED): boolean {
    this.#plan.advance(atMs);
    this.client.flags = this.#plan;
    this.client.nowMs = atMs;
    const { decision } = this.client.begin().failAndWait(outcome);
    return decision.do === "send" && decision.resetSession === true;
  }
}

describe("the session is reset", () => {
  test("just before the attempt after a given kind of failure, and never before the first", () => {
    const call = new Client(sessionReset(fixed({ delayMs: 100 }))).begin();
    expect(call.last).toEqual({ do: "send" });
    expect(call.failAndWait(REJECTED).decision).toEqual({ do: "send", resetSession: true });
  });

  test("after a rejection, unless other kinds are given", () => {
    expect(new Resetter({}).resetsAt(0, REJECTED)).toBe(true);
    expect(new Resetter({}).resetsAt(0, TIMEOUT)).toBe(false);
    const others = { after: ["timeout", "connection"] as const };
    expect(new Resetter(others).resetsAt(0, REJECTED)).toBe(false);
    expect(new Resetter(others).resetsAt(0, TIMEOUT)).toBe(true);
    expect(new Resetter(others).resetsAt(0, CONNECTION)).toBe(true);
  });

  test("only if the flag is on; without a flag it is", () => {
    expect(new Resetter({}, { changes: [flag(0, false)] }).resetsAt(5)).toBe(false);
    expect(new Resetter({}, { changes: [flag(0, true)] }).resetsAt(5)).toBe(true);
  });

  test("only if the flag is on at that moment, not when the attempt failed", () => {
    const client = new Client(sessionReset(fixed({ delayMs: 100 })));
    const plan = new FlagPlan([flag(50, false)]);
    client.flags = plan;
    const call = client.begin();
    call.fail(REJECTED);
    plan.advance(50);
    client.nowMs = 100;
    expect(call.wake()).toEqual({ do: "send" });
  });

  test("not by a flag change during a wait: that wake sends nothing", () => {
    const client = new Client(sessionReset(fixed({ delayMs: 100 })));
    const call = client.begin();
    call.fail(REJECTED);
    client.nowMs = 50;
    expect(call.wake()).toEqual({ do: "wait", delayMs: 50 });
    client.nowMs = 100;
    expect(call.wake()).toEqual({ do: "send", resetSession: true });
  });

  test("not past the deadline, when nothing is sent: the next call may still reset", () => {
    const client = new Client(sessionReset(fixed({ delayMs: 100 })));
    const call = client.begin(150);
    call.fail(REJECTED);
    client.nowMs = 151;
    expect(call.wake()).toEqual({ do: "stop", why: "deadline" });
    expect(client.begin().failAndWait(REJECTED).decision).toEqual({
      do: "send",
      resetSession: true,
    });
  });
});

describe("two resets of a client", () => {
  test("are an hour apart, unless told otherwise", () => {
    const resetter = new Resetter({});
    expect(
      [0, 1, HOUR_MS - 1, HOUR_MS, HOUR_MS + 1, 2 * HOUR_MS].map((t) => resetter.resetsAt(t)),
    ).toEqual([true, false, false, true, false, true]);
  });

  test("are as far apart as the flag says at that moment", () => {
    const changes = [interval(0, 500), interval(2000, 5000)];
    const resetter = new Resetter({ sessionResetIntervalMs: 1000 }, { changes });
    expect([0, 499, 500, 1999, 2500, 6998, 6999].map((t) => resetter.resetsAt(t))).toEqual([
      true,
      false,
      true,
      true,
      false,
      false,
      true,
    ]);
  });

  test.each([NaN, -1, Infinity])("a flag of %d ms counts as missing", (value) => {
    const resetter = new Resetter(
      { sessionResetIntervalMs: 1000 },
      { changes: [interval(0, value)] },
    );
    expect([0, 999, 1000].map((t) => resetter.resetsAt(t))).toEqual([true, false, true]);
  });

  test("belong to one client, whichever call they come with", () => {
    const client = new Client(sessionReset(immediate()));
    const [first, second] = [client.begin(), client.begin()];
    expect(first.failAndWait(REJECTED).decision).toHaveProperty("resetSession");
    expect(second.failAndWait(REJECTED).decision).not.toHaveProperty("resetSession");
  });

  test("keep their interval through any flips and failures", () => {
    const change = fc.oneof(
      fc.record({ atMs: fc.nat(50_000), name: fc.constant(FLAG), value: fc.boolean() }),
      fc.record({ atMs: fc.nat(50_000), name: fc.constant(INTERVAL), value: fc.nat(5000) }),
    );
    const moments = fc.array(fc.nat(60_000), { maxLength: 100 });
    fc.assert(
      fc.property(
        fc.array(change, { maxLength: 10 }),
        moments,
        fc.nat(9999),
        (changes, atMs, spreadMs) => {
          const options = { sessionResetIntervalMs: 1000, sessionResetSpreadMs: spreadMs };
          const resetter = new Resetter(options, { changes });
          const now = new FlagPlan(changes);
          let lastMs = -Infinity;
          for (const t of atMs.toSorted((a, b) => a - b)) {
            now.advance(t);
            if (!resetter.resetsAt(t)) continue;
            expect(now.boolean(FLAG, true)).toBe(true);
            expect(t - lastMs).toBeGreaterThanOrEqual(now.number(INTERVAL, 1000));
            lastMs = t;
          }
        },
      ),
    );
  });
});

describe("after a flip from off to on", () => {
  const SPREAD_MS = 60_000;
  const FLIP_MS = 10_000;
  const changes = [flag(0, false), flag(FLIP_MS, true)];
  const options = { sessionResetIntervalMs: 1, sessionResetSpreadMs: SPREAD_MS };

  /** When the client's first reset comes, failing once every 10 ms. */
  function firstResetMs(client: number, plan = changes): number {
    const resetter = new Resetter(options, { client, changes: plan });
    for (let atMs = 0; ; atMs += 10) if (resetter.resetsAt(atMs)) return atMs;
  }

  test("resets are spread uniformly over sessionResetSpreadMs", () => {
    const clients = 400;
    const offsets = Array.from({ length: clients }, (_, client) => firstResetMs(client) - FLIP_MS);
    expect(Math.min(...offsets)).toBeGreaterThanOrEqual(0);
    expect(Math.max(...offsets)).toBeLessThanOrEqual(SPREAD_MS + 10);
    // Kolmogorov-Smirnov at one in ten thousand.
    const distance = offsets
      .toSorted((a, b) => a - b)
      .map((offsetMs, i) => Math.abs(offsetMs / SPREAD_MS - (i + 0.5) / clients) + 0.5 / clients);
    expect(Math.max(...distance)).toBeLessThan(2.23 / Math.sqrt(clients));
  });

  test("attempts go out meanwhile, without a reset and without a longer wait", () => {
    const resetter = new Resetter(options, { changes });
    resetter.resetsAt(FLIP_MS);
    const call = resetter.client.begin();
    expect(call.failAndWait(REJECTED)).toEqual({ waitedMs: 0, decision: { do: "send" } });
  });

  test("a client draws its offset once a flip, and anew for the next", () => {
    const resetter = new Resetter(options, {
      changes: [...changes, flag(20_000, false), flag(30_000, true)],
    });
    const offsetsAt = (times: number[]) =>
      new Set(
        times.map((t) => {
          resetter.resetsAt(t);
          return resetter.client.state["sessionReset.offsetMs"];
        }),
      );
    const first = offsetsAt([10_000, 10_500, 11_000, 20_500]);
    const second = offsetsAt([30_000, 30_500, 31_000]);
    expect(first.size).toBe(1);
    expect(second.size).toBe(1);
    expect(first).not.toEqual(second);
  });

  test("the offset is kept when resets have begun: the interval alone spaces them then", () => {
    const resetter = new Resetter(options, { changes });
    const end = FLIP_MS + SPREAD_MS;
    expect([end, end + 1, end + 2].map((t) => resetter.resetsAt(t))).toEqual([true, true, true]);
  });

  test("a run that begins with the flag on spreads nothing", () => {
    expect(new Resetter(options, { changes: [flag(0, true)] }).resetsAt(0)).toBe(true);
  });

  test("by default the spread is the interval", () => {
    const offsets = Array.from({ length: 50 }, (_, client) => {
      const resetter = new Resetter({ sessionResetIntervalMs: 5000 }, { client, changes });
      expect(resetter.resetsAt(FLIP_MS + 5000)).toBe(true);
      return resetter.client.state["sessionReset.offsetMs"];
    });
    expect(Math.max(...offsets)).toBeGreaterThan(4000);
  });
});

describe("what resets cost", () => {
  test("is claimed: one reset at once, one an interval, three requests each", () => {
    const inner = budgeted(immediate(), { ratio: 0.1, tokensMax: 10 });
    expect(sessionReset(inner).claim).toEqual({
      burstPerClient: 13,
      ratio: 0.1,
      perSecond: 3 / 3600,
    });
    expect(sessionReset(inner, { requests: 5, sessionResetIntervalMs: 1000 }).claim).toEqual({
      burstPerClient: 15,
      ratio: 0.1,
      perSecond: 5,
    });
  });

  test("is not made for a policy that claims nothing itself", () => {
    expect(sessionReset(immediate()).claim).toBeUndefined();
  });
});
