import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { adaptiveThrottling, fixed, immediate, none, sessionReset } from "../../policies/index.ts";
import type { Outcome, Policy } from "../../src/policy.ts";
import { Client, REJECTED, TIMEOUT } from "./drive.ts";

type Options = Parameters<typeof adaptiveThrottling>[1];

const clientOf = (options: Options = {}, inner: Policy = none()) =>
  new Client(adaptiveThrottling(inner, options));

function answer(client: Client, times: number): void {
  const calls = Array.from({ length: times }, () => client.begin());
  for (const call of calls) call.succeed();
}

function fail(client: Client, times: number, outcome: Outcome = REJECTED): void {
  const calls = Array.from({ length: times }, () => client.begin());
  for (const call of calls) call.fail(outcome);
}

/** Of 1,000 calls at this moment of just this state, the share that is refused. */
function refusedShare(policy: Policy, client: Client): number {
  let refused = 0;
  for (let n = 0; n < 1_000; n++) {
    const state = { ...client.state };
    const start = { kind: "start", nowMs: client.nowMs, flags: client.flags } as const;
    if (policy.decide(state, start, () => n / 1_000).do === "stop") refused++;
  }
  return refused / 1_000;
}

describe("adaptive throttling", () => {
  test("refuses nothing while half of the requests are accepted", () => {
    const client = clientOf({ requestsMin: 0 });
    answer(client, 10);
    fail(client, 10);
    expect(refusedShare(adaptiveThrottling(none()), client)).toBe(0);
  });

  test.each([
    [2, 10, 90, (100 - 2 * 10) / 101],
    [2, 0, 50, 50 / 51],
    [1.1, 50, 50, (100 - 1.1 * 50) / 101],
    [5, 10, 90, (100 - 5 * 10) / 101],
  ])(
    "at K = %d, refuses after %d accepted and %d rejected by the book's formula",
    (k, accepted, rejected, share) => {
      const policy = adaptiveThrottling(none(), { acceptsMultiplier: k });
      const client = new Client(policy);
      // Together, so that none of these is refused.
      const calls = Array.from({ length: accepted + rejected }, () => client.begin());
      for (const [n, call] of calls.entries()) {
        if (n < accepted) call.succeed();
        else call.fail(REJECTED);
      }
      expect(refusedShare(policy, client)).toBeCloseTo(share, 2);
    },
  );

  test("stops with `throttle`, and counts what it refused as a request", () => {
    const client = clientOf();
    fail(client, 1_000);
    const before = { ...client.state };
    expect(client.begin().last).toEqual({ do: "stop", why: "throttle" });
    expect(client.state).toEqual({
      ...before,
      "adaptiveThrottling.all": before["adaptiveThrottling.all"] + 1,
    });
  });

  test("lets the calls with which a client begins go out together", () => {
    const client = clientOf({ requestsMin: 0 });
    const calls = Array.from({ length: 50 }, () => client.begin());
    expect(calls.every(({ last }) => last.do === "send")).toBe(true);
  });

  test("refuses nothing on few requests, so that a rare caller may retry", () => {
    const client = clientOf();
    fail(client, 9);
    expect(refusedShare(adaptiveThrottling(none()), client)).toBe(0);
    fail(client, 1);
    expect(refusedShare(adaptiveThrottling(none()), client)).toBeGreaterThan(0.9);
  });

  test("refuses retries when their wait ends, not before", () => {
    const client = clientOf({}, fixed({ delayMs: 100 }));
    const call = client.begin();
    fail(client, 5_000);
    expect(call.fail(TIMEOUT)).toEqual({ do: "wait", delayMs: 100 });
    client.nowMs = 50;
    expect(call.wake()).toEqual({ do: "wait", delayMs: 50 });
    client.nowMs = 100;
    expect(call.wake()).toEqual({ do: "stop", why: "throttle" });
  });

  test("notes down no session reset for a retry that it refuses", () => {
    const client = clientOf({}, sessionReset(fixed({ delayMs: 100 })));
    const call = client.begin();
    fail(client, 5_000);
    call.fail(REJECTED);
    client.nowMs = 100;
    const lastMs = client.state["sessionReset.lastMs"];
    expect(call.wake().do).toBe("stop");
    expect(client.state["sessionReset.lastMs"]).toBe(lastMs);
  });

  test.each<[string, Outcome, number, number]>([
    ["rejection is a request", REJECTED, 1, 0],
    ["timeout is a request", TIMEOUT, 1, 0],
    ["broken connection is a request", { kind: "connection" }, 1, 0],
    ["404 is accepted", { kind: "fatal", status: 404 }, 1, 1],
    ["final 501 is not counted", { kind: "fatal", status: 501 }, 0, 0],
    ["error of one's own is not counted", { kind: "fatal" }, 0, 0],
  ])("a %s", (_what, outcome, all, good) => {
    const client = clientOf();
    fail(client, 1, outcome);
    expect(client.state).toMatchObject({
      "adaptiveThrottling.all": all,
      "adaptiveThrottling.good": good,
    });
  });

  test("counts every attempt of a call that failed together: the hedges too", () => {
    const { decide, initial } = adaptiveThrottling(none());
    const state = { ...initial };
    const facts = { nowMs: 0, flags: clientOf().flags, elapsedMs: 0, latencyMs: 0 };
    const failure = { kind: "failure", ...facts, delayBeforeMs: 0, outcome: TIMEOUT } as const;
    decide(state, { ...failure, attempt: 3, hedges: 2 }, () => 0);
    expect(state["adaptiveThrottling.all"]).toBe(3);
  });

  test("forgets what is older than the window", () => {
    const policy = adaptiveThrottling(none());
    const client = new Client(policy);
    fail(client, 100);
    client.nowMs = 180_000;
    // Half of them weigh still.
    expect(refusedShare(policy, client)).toBeCloseTo(50 / 51, 2);
    client.nowMs = 240_000;
    expect(refusedShare(policy, client)).toBe(0);
  });

  test("a clock that jumps back forgets too", () => {
    const policy = adaptiveThrottling(none());
    const client = new Client(policy, { nowMs: 10 ** 9 });
    fail(client, 100);
    client.nowMs = 0;
    expect(refusedShare(policy, client)).toBe(0);
  });

  test("draws nothing while it refuses nothing, so waits are as without it", () => {
    const inner = immediate();
    const start = { kind: "start", nowMs: 0, flags: clientOf().flags } as const;
    const policy = adaptiveThrottling(inner);
    const neverDraws = () => {
      throw new Error("drawn");
    };
    expect(policy.decide({ ...policy.initial }, start, neverDraws)).toEqual({ do: "send" });
  });

  test("always lets some pass, and keeps a state that is finite and survives JSON", () => {
    const step = fc.record({
      what: fc.constantFrom("answer", "fail", "refuse"),
      times: fc.nat(20),
      afterMs: fc.oneof(fc.nat(100_000), fc.integer({ min: -(10 ** 8), max: 10 ** 8 })),
    });
    fc.assert(
      fc.property(fc.array(step, { maxLength: 40 }), (life) => {
        const policy = adaptiveThrottling(none());
        const client = new Client(policy);
        for (const { what, times, afterMs } of life) {
          client.nowMs += afterMs;
          const calls = Array.from({ length: times }, () => client.begin());
          for (const call of calls.filter(({ last }) => last.do === "send")) {
            if (what === "answer") call.succeed();
            if (what === "fail") call.fail(TIMEOUT);
          }
          expect(Object.values(client.state).every(Number.isFinite)).toBe(true);
          expect(JSON.parse(JSON.stringify(client.state))).toEqual(client.state);
          const start = { kind: "start", nowMs: client.nowMs, flags: client.flags } as const;
          expect(policy.decide({ ...client.state }, start, () => 1 - 2 ** -53).do).toBe("send");
        }
      }),
    );
  });
});
