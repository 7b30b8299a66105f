import fc from "fast-check";
import { describe, expect, test } from "vitest";
import {
  decorrelatedJitter,
  equalJitter,
  exponential,
  fixed,
  fullJitter,
  immediate,
  none,
  RETRY_DELAY_MAX_FLAG,
} from "../../policies/index.ts";
import { NO_FLAGS } from "../../src/ask.ts";
import { type FlagChange, FlagPlan } from "../../src/flags.ts";
import type { Failure, Policy } from "../../src/policy.ts";
import { KeyedRandom } from "../../src/random.ts";
import { Client, TIMEOUT } from "./drive.ts";

const LARGEST_DRAW = 1 - 2 ** -53;

const failed = (attempt: number, delayBeforeMs = 0): Failure => ({
  kind: "failure",
  nowMs: 0,
  flags: NO_FLAGS,
  attempt,
  elapsedMs: 0,
  latencyMs: 0,
  delayBeforeMs,
  hedges: 0,
  outcome: TIMEOUT,
});

function waitMs(policy: Policy, draw: number, attempt: number, delayBeforeMs = 0): number {
  const decision = policy.decide({}, failed(attempt, delayBeforeMs), () => draw);
  if (decision.do !== "wait") throw new Error(`Expected a wait, got ${decision.do}.`);
  return decision.delayMs;
}

/** How often each call of a client is tried when nothing is ever answered. */
function attemptsOf(policy: Policy): number {
  const client = new Client(policy);
  const call = client.begin();
  while (call.last.do === "send" && client.counts.attempts < 100) call.failAndWait(TIMEOUT);
  return client.counts.attempts;
}

const long = { attemptsMax: Infinity };

describe("every waiting policy", () => {
  const all = [
    fixed(long),
    immediate(long),
    exponential(long),
    equalJitter(long),
    fullJitter(long),
    decorrelatedJitter(long),
  ];

  test.each(all)("$name: waits are finite for attempts 1 to 2,000 and extreme draws", (policy) => {
    const draw = fc.oneof(
      fc.constant(0),
      fc.constant(LARGEST_DRAW),
      fc.double({ min: 0, max: LARGEST_DRAW, noNaN: true }),
    );
    fc.assert(
      fc.property(
        fc.integer({ min: 1, max: 2000 }),
        draw,
        fc.nat(10 ** 9),
        (attempt, u, before) => {
          const delayMs = waitMs(policy, u, attempt, before);
          expect(Number.isFinite(delayMs)).toBe(true);
          expect(delayMs).toBeGreaterThanOrEqual(0);
          expect(delayMs).toBeLessThanOrEqual(20_000);
        },
      ),
    );
    for (let attempt = 1; attempt <= 2000; attempt++) {
      for (const u of [0, LARGEST_DRAW])
        expect(waitMs(policy, u, attempt)).toBeLessThanOrEqual(20_000);
    }
  });

  test("waits are numbers also from a base of 0", () => {
    for (const make of [exponential, equalJitter, fullJitter, decorrelatedJitter]) {
      expect(waitMs(make({ delayBaseMs: 0, ...long }), LARGEST_DRAW, 2000)).toBe(0);
    }
  });

  test.each([fixed(), exponential(), equalJitter(), fullJitter(), decorrelatedJitter()])(
    "$name: three attempts, the first included, unless told otherwise",
    (policy) => expect(attemptsOf(policy)).toBe(3),
  );

  test("attemptsMax includes the first attempt", () => {
    expect(attemptsOf(none())).toBe(1);
    expect(attemptsOf(fullJitter({ attemptsMax: 1 }))).toBe(1);
    expect(attemptsOf(immediate({ attemptsMax: 10 }))).toBe(10);
    expect(attemptsOf(immediate())).toBe(100);
  });

  test("the call stops with `attempts`", () => {
    expect(none().decide({}, failed(1), () => 0)).toEqual({ do: "stop", why: "attempts" });
  });
});

describe("the ceilings", () => {
  test("exponential doubles from the base to the cap", () => {
    const policy = exponential({ delayBaseMs: 50, delayMaxMs: 500, ...long });
    expect([1, 2, 3, 4, 5, 6].map((n) => waitMs(policy, 0.5, n))).toEqual([
      50, 100, 200, 400, 500, 500,
    ]);
  });

  test("full jitter draws from all of it, equal jitter from its upper half, also at the cap", () => {
    for (const [attempt, ceiling] of [
      [1, 100],
      [3, 400],
      [20, 20_000],
    ]) {
      expect(waitMs(fullJitter(long), 0, attempt)).toBe(0);
      expect(waitMs(fullJitter(long), 0.5, attempt)).toBe(ceiling / 2);
      expect(waitMs(equalJitter(long), 0, attempt)).toBe(ceiling / 2);
      expect(waitMs(equalJitter(long), 0.5, attempt)).toBe(0.75 * ceiling);
    }
  });

  test("decorrelated jitter draws between the base and three times the wait before, the first being the base", () => {
    const policy = decorrelatedJitter(long);
    expect(waitMs(policy, 0, 1)).toBe(100);
    expect(waitMs(policy, 0.5, 1)).toBe(200);
    expect(waitMs(policy, 0.5, 2, 1000)).toBe((100 + 3000) / 2);
    expect(waitMs(policy, 0.9, 2, 19_000)).toBe(20_000);
  });

  test("decorrelated jitter does not take a wait before the first attempt for a backoff", () => {
    expect(waitMs(decorrelatedJitter(long), 0.5, 1, 5000)).toBe(200);
  });
});

/** Law 4: the most of 10,000 waits that any window of a twentieth of the longest one holds. */
function crowding(waits: number[]): number {
  const sorted = waits.toSorted((a, b) => a - b);
  const windowMs = (sorted.at(-1) ?? 0) / 20;
  let most = 0;
  for (let first = 0, last = 0; last < sorted.length; last++) {
    while (sorted[last] - sorted[first] > windowMs) first++;
    most = Math.max(most, last - first + 1);
  }
  return most / sorted.length;
}

const CLIENTS = 10_000;
const CROWDED = 3 / 20 + 4 * Math.sqrt((0.15 * 0.85) / CLIENTS);

describe("of 10,000 clients that failed together", () => {
  const keyed = new KeyedRandom(7, "policy");
  const crowdingOf = (policy: Policy, attempt: number, beforeMs = 0) =>
    crowding(
      Array.from({ length: CLIENTS }, (_, client) =>
        waitMs(policy, keyed.key(client, 0, attempt).next(), attempt, beforeMs),
      ),
    );

  test.each([1, 2, 3, 9, 30])("the jitters spread attempt %i", (attempt) => {
    expect(crowdingOf(fullJitter(long), attempt)).toBeLessThan(CROWDED);
    expect(crowdingOf(equalJitter(long), attempt)).toBeLessThan(CROWDED);
  });

  test("without jitter all come back at once", () => {
    expect(crowdingOf(exponential(long), 3)).toBe(1);
    expect(crowdingOf(fixed(long), 3)).toBe(1);
  });

  test("decorrelated jitter spreads below its cap and marches in step at it", () => {
    expect(crowdingOf(decorrelatedJitter(long), 1)).toBeLessThan(CROWDED);
    expect(crowdingOf(decorrelatedJitter(long), 9, 20_000)).toBeGreaterThan(0.6);
  });
});

describe("the flag retryDelayMaxMs", () => {
  const cap = (value: number | boolean, atMs = 0): FlagChange => {
    return { atMs, name: RETRY_DELAY_MAX_FLAG, value };
  };

  /** The longest wait that the policy draws after its tenth attempt. */
  function longestMs(make: typeof exponential, value: number | boolean): number {
    const policy = make({ ...long, delayBaseMs: 100, delayMaxMs: 20_000 });
    const event = { ...failed(10, 1e9), flags: new FlagPlan([cap(value)]) };
    const decision = policy.decide({}, event, () => LARGEST_DRAW);
    return decision.do === "wait" ? Math.round(decision.delayMs) : Number.NaN;
  }

  describe.each([exponential, equalJitter, fullJitter, decorrelatedJitter])("%o", (make) => {
    test("takes the place of delayMaxMs", () => {
      expect(longestMs(make, 500)).toBe(500);
      expect(longestMs(make, 30_000)).toBe(30_000);
    });

    test("is never below delayBaseMs: nobody can switch all waits off", () => {
      expect(longestMs(make, 0)).toBe(100);
    });

    test.each([NaN, Infinity, -1, true])("counts as missing: %s", (value) => {
      expect(longestMs(make, value)).toBe(20_000);
    });
  });

  /** A call begins to wait after its tenth attempt; what a wake `atMs` later answers. */
  function wakeAt(policy: Policy, atMs: number, changes: FlagChange[], seed = 1) {
    const client = new Client(policy, { seed });
    const call = client.begin();
    for (let attempt = 1; attempt < 10; attempt++) call.failAndWait(TIMEOUT);
    const fromMs = client.nowMs;
    const plan = new FlagPlan(changes.map((change) => ({ ...change, atMs: fromMs + change.atMs })));
    client.flags = plan;
    plan.advance(fromMs);
    const atFailure = call.fail(TIMEOUT);
    plan.advance(fromMs + atMs);
    client.nowMs += atMs;
    return { atFailure, atWake: call.wake() };
  }

  test("lengthens a wait that is running when it is raised", () => {
    const { atFailure, atWake } = wakeAt(exponential(long), 5_000, [cap(30_000, 5_000)]);
    expect(atFailure).toEqual({ do: "wait", delayMs: 20_000 });
    expect(atWake).toEqual({ do: "wait", delayMs: 25_000 });
  });

  test("draws it again, with jitter", () => {
    const policy = fullJitter({ ...long, delayMaxMs: 100 });
    const draws = Array.from({ length: 200 }, (_, seed) => {
      const { atWake } = wakeAt(policy, 0.001, [cap(50_000, 0.001)], seed);
      return atWake.do === "wait" ? atWake.delayMs : Number.NaN;
    });
    const mean = draws.reduce((sum, delayMs) => sum + delayMs, 0) / draws.length;
    expect(mean).toBeGreaterThan(20_000);
    expect(mean).toBeLessThan(30_000);
  });

  test("shortens no wait when it is lowered", () => {
    const { atWake } = wakeAt(exponential(long), 5_000, [cap(1_000, 5_000)]);
    expect(atWake).toEqual({ do: "wait", delayMs: 15_000 });
  });

  test("leaves a wait alone that began under it, when another flag changes", () => {
    const another = { atMs: 5_000, name: "another", value: true };
    for (let seed = 1; seed <= 20; seed++) {
      const policy = equalJitter(long);
      const { atFailure, atWake } = wakeAt(policy, 5_000, [cap(30_000, 0), another], seed);
      if (atFailure.do !== "wait") throw new Error("Expected a wait.");
      expect(atWake).toEqual({ do: "wait", delayMs: atFailure.delayMs - 5_000 });
    }
  });
});
