import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { circuitBreaker, fixed, immediate, none, sessionReset } from "../../policies/index.ts";
import type { Outcome, Policy } from "../../src/policy.ts";
import { type Begun, Client, REJECTED, TIMEOUT } from "./drive.ts";

type Options = Parameters<typeof circuitBreaker>[1];

/** Opens on the second failure of two, for a second, exactly. */
const QUICK: Options = {
  attemptsMin: 2,
  failureRatio: 1,
  windowMs: 10_000,
  openMs: 1_000,
  jitterRatio: 0,
};

const clientOf = (options: Options = QUICK, inner: Policy = none()) =>
  new Client(circuitBreaker(inner, options));

function answer(client: Client): void {
  client.begin().succeed();
}

function fail(client: Client, outcome: Outcome = TIMEOUT): void {
  client.begin().fail(outcome);
}

/** Open from now on. */
function opened(options: Options = QUICK): Client {
  const client = clientOf(options);
  for (let n = 0; n < 2; n++) fail(client);
  return client;
}

const STOP = { do: "stop", why: "breaker" };
const isOpen = (client: Client) => client.begin().last.do === "stop";

describe("a closed breaker", () => {
  test("opens when the share of failures is reached, and stops calls with `breaker`", () => {
    const client = clientOf({ ...QUICK, attemptsMin: 4, failureRatio: 0.5 });
    answer(client);
    answer(client);
    fail(client);
    expect(isOpen(client)).toBe(false);
    fail(client);
    expect(client.begin().last).toEqual(STOP);
  });

  test("does not open at the first failure, nor on the first nineteen", () => {
    const client = clientOf({});
    for (let n = 0; n < 19; n++) fail(client);
    expect(isOpen(client)).toBe(false);
    fail(client);
    expect(isOpen(client)).toBe(true);
  });

  test("does not remember failures of long ago: four, an hour, and one", () => {
    const client = clientOf({ ...QUICK, attemptsMin: 5 });
    for (let n = 0; n < 4; n++) fail(client);
    client.nowMs += 3_600_000;
    fail(client);
    expect(isOpen(client)).toBe(false);
  });

  test("counts what was in the part before by how far the window reaches into it", () => {
    const client = clientOf({ ...QUICK, attemptsMin: 4 });
    client.nowMs = 9_000;
    for (let n = 0; n < 3; n++) fail(client);
    client.nowMs = 15_000;
    fail(client);
    fail(client);
    // 3 / 2 of before, 2 of now.
    expect(isOpen(client)).toBe(false);
    fail(client);
    expect(isOpen(client)).toBe(true);
  });

  test.each<[string, Outcome]>([
    ["rejection", REJECTED],
    ["timeout", TIMEOUT],
    ["broken connection", { kind: "connection" }],
  ])("takes a %s for a failure", (_what, outcome) => {
    const client = clientOf();
    fail(client, outcome);
    fail(client, outcome);
    expect(isOpen(client)).toBe(true);
  });

  test("takes a 404 for an answer, and a final 501 or an error of one's own for neither", () => {
    const client = clientOf({ ...QUICK, attemptsMin: 3, failureRatio: 0.6 });
    fail(client);
    fail(client, { kind: "fatal", status: 404 });
    fail(client, { kind: "fatal", status: 501 });
    fail(client, { kind: "fatal" });
    expect(isOpen(client)).toBe(false);
    fail(client);
    expect(isOpen(client)).toBe(true);
  });

  test("counts every attempt of a call that failed together: the hedges too", () => {
    const { decide, initial } = circuitBreaker(none(), { ...QUICK, attemptsMin: 3 });
    const state = { ...initial };
    const facts = { nowMs: 0, flags: clientOf().flags, elapsedMs: 0 };
    const failure = { kind: "failure", ...facts, latencyMs: 0, delayBeforeMs: 0 } as const;
    decide(state, { ...failure, attempt: 3, hedges: 2, outcome: TIMEOUT }, () => 0);
    expect(decide(state, { kind: "start", ...facts }, () => 0)).toEqual(STOP);
  });

  test("counts retries as attempts", () => {
    const client = clientOf({ ...QUICK, attemptsMin: 3 }, immediate({ attemptsMax: 3 }));
    const call = client.begin();
    expect(call.failAndWait(TIMEOUT).decision.do).toBe("send");
    expect(call.failAndWait(TIMEOUT).decision.do).toBe("send");
    expect(call.fail(TIMEOUT)).toEqual({ do: "stop", why: "attempts" });
    expect(isOpen(client)).toBe(true);
  });
});

describe("an open breaker", () => {
  test("lets no hedge leave, and lets it ask when that is due", () => {
    const { decide, initial } = circuitBreaker(immediate(), QUICK);
    const hedgeAt = (nowMs: number) => {
      const shut = { ...initial, "circuitBreaker.shutUntilMs": 1_000 };
      const facts = { flags: clientOf().flags, elapsedMs: 0, waitedMs: 0, hedges: 0 };
      return decide(shut, { kind: "hedge", nowMs, attempt: 1, ...facts }, () => 0);
    };
    expect(hedgeAt(999)).toEqual(STOP);
    expect(hedgeAt(1_000)).toEqual({ do: "send" });
  });

  test("stops waiting retries when their wait ends", () => {
    const client = clientOf(QUICK, fixed({ delayMs: 500 }));
    const waiting = client.begin();
    waiting.fail(TIMEOUT);
    client.nowMs = 100;
    fail(client);
    client.nowMs = 500;
    expect(waiting.wake()).toEqual(STOP);
  });

  test("stops a failure at once whose next attempt it would not let pass", () => {
    const client = clientOf(QUICK, fixed({ delayMs: 500 }));
    const [first, second] = [client.begin(), client.begin()];
    expect(first.fail(TIMEOUT).do).toBe("wait");
    expect(second.fail(TIMEOUT)).toEqual(STOP);
  });

  test("leaves a longer wait be, and a call that would wait before its first attempt not", () => {
    const client = clientOf(QUICK, fixed({ delayMs: 1_500 }));
    const [first, second] = [client.begin(), client.begin()];
    first.fail(TIMEOUT);
    expect(second.fail(TIMEOUT).do).toBe("wait");
    client.nowMs = 1_500;
    expect(first.wake().do).toBe("send");
    expect(second.wake()).toEqual(STOP);
  });

  test("leaves a wait be when a flag changes during it", () => {
    const client = clientOf(QUICK, fixed({ delayMs: 1_500 }));
    const [first, second] = [client.begin(), client.begin()];
    first.fail(TIMEOUT);
    second.fail(TIMEOUT);
    client.nowMs = 100;
    expect(first.wake()).toEqual({ do: "wait", delayMs: 1_400 });
  });

  test("is open for a draw longer, so that clients do not come back in step", () => {
    const opensForMs = (id: number) => {
      const policy = circuitBreaker(none(), { ...QUICK, jitterRatio: 0.5 });
      const client = new Client(policy, { client: id });
      fail(client);
      fail(client);
      while (isOpen(client)) client.nowMs += 10;
      return client.nowMs;
    };
    const moments = Array.from({ length: 50 }, (_, id) => opensForMs(id));
    expect(Math.min(...moments)).toBeGreaterThanOrEqual(1_000);
    expect(Math.max(...moments)).toBeLessThanOrEqual(1_510);
    expect(new Set(moments).size).toBeGreaterThan(20);
  });

  test("notes down no session reset for a retry that it stops", () => {
    const client = clientOf(QUICK, sessionReset(fixed({ delayMs: 500 })));
    const waiting = client.begin();
    waiting.fail(REJECTED);
    fail(client);
    const before = { ...client.state };
    client.nowMs = 500;
    expect(waiting.wake()).toEqual(STOP);
    expect(client.state).toEqual(before);
  });

  test("is not moved by the ends of attempts from before", () => {
    const client = clientOf();
    const before = Array.from({ length: 4 }, () => client.begin());
    fail(client);
    fail(client);
    client.nowMs = 100;
    before[3].fail({ kind: "fatal" });
    expect(isOpen(client)).toBe(true);
    client.nowMs = 900;
    before[0].fail(TIMEOUT);
    before[1].succeed();
    before[2].abandon("attempt");
    expect(isOpen(client)).toBe(true);
    client.nowMs = 1_000;
    expect(isOpen(client)).toBe(false);
  });
});

describe("a breaker that asks", () => {
  function asking(options: Options = QUICK) {
    const client = opened(options);
    client.nowMs = 1_000;
    return { client, probe: client.begin() };
  }

  test("lets one attempt leave, and no second beside it", () => {
    const { client, probe } = asking();
    expect(probe.last.do).toBe("send");
    expect(client.begin().last).toEqual(STOP);
  });

  test("closes on its answer, and has forgotten the failures", () => {
    const { client, probe } = asking();
    probe.succeed();
    expect(isOpen(client)).toBe(false);
    fail(client);
    expect(isOpen(client)).toBe(false);
  });

  test("closes on a 404 too", () => {
    const { client, probe } = asking();
    probe.fail({ kind: "fatal", status: 404 });
    expect(isOpen(client)).toBe(false);
  });

  test("opens anew on its failure, for as long as the first time", () => {
    const { client, probe } = asking();
    client.nowMs = 1_500;
    probe.fail(TIMEOUT);
    client.nowMs = 2_499;
    expect(isOpen(client)).toBe(true);
    client.nowMs = 2_500;
    expect(isOpen(client)).toBe(false);
  });

  test("is not moved by how an attempt ends that was sent before it opened", () => {
    const client = clientOf();
    const [slow, slower] = [client.begin(), client.begin()];
    fail(client);
    fail(client);
    client.nowMs = 1_000;
    const probe = client.begin();
    slow.fail(TIMEOUT);
    slower.succeed();
    expect(isOpen(client)).toBe(true);
    probe.succeed();
    expect(isOpen(client)).toBe(false);
  });

  test("closes on an answer that took longer than `openMs`, or a slow server would stay refused", () => {
    const { client, probe } = asking();
    client.nowMs = 2_000;
    expect(isOpen(client)).toBe(false);
    client.nowMs = 2_500;
    expect(isOpen(client)).toBe(true);
    probe.succeed();
    expect(isOpen(client)).toBe(false);
  });

  test("asks again after `openMs` when the end of the attempt is never told", () => {
    const { client } = asking();
    client.nowMs = 1_999;
    expect(isOpen(client)).toBe(true);
    client.nowMs = 2_000;
    expect(isOpen(client)).toBe(false);
  });

  const untold: [string, (probe: Begun) => unknown][] = [
    ["was abandoned", (probe) => probe.abandon("attempt")],
    ["ended in an error of one's own", (probe) => probe.fail({ kind: "fatal" })],
    ["ended in a final 501", (probe) => probe.fail({ kind: "fatal", status: 501 })],
  ];

  test.each(untold)("asks again at once when the attempt %s, and once", (_how, end) => {
    const { client, probe } = asking();
    client.nowMs = 1_010;
    end(probe);
    const next = client.begin();
    expect(next.last.do).toBe("send");
    expect(isOpen(client)).toBe(true);
    next.succeed();
    expect([isOpen(client), isOpen(client)]).toEqual([false, false]);
  });

  test.each(untold)("sends no second one when an older attempt %s", (_how, end) => {
    const client = clientOf();
    const fromBefore = client.begin();
    fail(client);
    fail(client);
    client.nowMs = 1_000;
    const hanging = client.begin();
    end(fromBefore);
    expect(isOpen(client)).toBe(true);
    client.nowMs = 2_000;
    const probe = client.begin();
    expect(probe.last.do).toBe("send");
    end(hanging);
    expect(isOpen(client)).toBe(true);
    probe.succeed();
    expect(isOpen(client)).toBe(false);
  });

  test("stays shut when a call is abandoned that only waits for its retry", () => {
    const client = clientOf(QUICK, fixed({ delayMs: 1_500 }));
    const waiting = client.begin();
    fail(client);
    fail(client);
    client.nowMs = 1_000;
    expect(isOpen(client)).toBe(false);
    client.nowMs = 1_400;
    expect(waiting.fail(TIMEOUT).do).toBe("wait");
    waiting.abandon("wait");
    expect(isOpen(client)).toBe(true);
  });

  test("asks with a retry if that comes first", () => {
    const client = clientOf(QUICK, fixed({ delayMs: 1_500 }));
    const retry = client.begin();
    retry.fail(TIMEOUT);
    fail(client);
    client.nowMs = 1_500;
    expect(retry.wake().do).toBe("send");
    retry.succeed();
    expect(isOpen(client)).toBe(false);
  });

  test("does not ask with a call that begins after its deadline", () => {
    const client = opened();
    client.nowMs = 1_000;
    expect(client.begin(900).last).toEqual({ do: "stop", why: "deadline" });
    expect(isOpen(client)).toBe(false);
  });
});

describe("a clock that jumps", () => {
  test("back an hour does not keep it open for an hour", () => {
    const client = new Client(circuitBreaker(none(), QUICK), { nowMs: 3_600_000 });
    fail(client);
    fail(client);
    client.nowMs = 0;
    const probe = client.begin();
    expect(probe.last.do).toBe("send");
    expect(isOpen(client)).toBe(true);
    client.nowMs = 100;
    probe.succeed();
    expect(isOpen(client)).toBe(false);
  });

  test("ahead an hour lets one attempt ask, not all", () => {
    const client = opened();
    client.nowMs = 3_600_000;
    expect([isOpen(client), isOpen(client), isOpen(client)]).toEqual([false, true, true]);
  });

  test("forgets what was counted on the other time", () => {
    const client = new Client(circuitBreaker(none(), QUICK), { nowMs: 3_600_000 });
    fail(client);
    client.nowMs = 0;
    fail(client);
    expect(isOpen(client)).toBe(false);
  });
});

describe("whatever happens", () => {
  const what = fc.constantFrom("begin", "begin", "fail", "fail", "final", "abandon", "succeed");
  const inOrder = fc.nat(2_000);
  const jump = fc.integer({ min: -(10 ** 7), max: 10 ** 7 });
  const anyTime = fc.oneof({ weight: 9, arbitrary: inOrder }, { weight: 1, arbitrary: jump });
  const lifeOf = (afterMs: fc.Arbitrary<number>) =>
    fc.array(fc.record({ what, which: fc.nat(9), afterMs }), { maxLength: 100 });
  const options = fc.record({
    attemptsMin: fc.integer({ min: 1, max: 4 }),
    failureRatio: fc.constantFrom(0.2, 0.5, 1),
    windowMs: fc.constantFrom(100, 3_000, 60_000),
    openMs: fc.constantFrom(1, 700, 5_000),
    jitterRatio: fc.constantFrom(0, 0.5, 3),
  });

  /** Lives it, and looks at the state after each step. Returns what was in flight when calls were let pass. */
  function live(
    client: Client,
    life: readonly { what: string; which: number; afterMs: number }[],
    look = () => {},
  ): number[] {
    const inFlight: Begun[] = [];
    /** How long the youngest attempt in flight had been so when the next was let pass; Infinity: none was. */
    const besideMs: number[] = [];
    for (const { what, which, afterMs } of life) {
      client.nowMs += afterMs;
      if (what === "begin") {
        const call = client.begin();
        if (call.last.do === "send") {
          const youngest = Math.max(...inFlight.map((other) => other.call.startedMs));
          besideMs.push(client.nowMs - youngest);
          inFlight.push(call);
        }
      } else {
        const [call] = inFlight.splice(which % Math.max(1, inFlight.length), 1);
        if (what === "fail") call?.fail(TIMEOUT);
        if (what === "final") call?.fail({ kind: "fatal" });
        if (what === "succeed") call?.succeed();
        if (what === "abandon") call?.abandon("attempt");
      }
      look();
    }
    return besideMs;
  }

  test("its state is finite, and survives a JSON round trip", () => {
    fc.assert(
      fc.property(options, lifeOf(anyTime), (chosen, life) => {
        const client = clientOf(chosen);
        live(client, life, () => {
          expect(Object.values(client.state).every(Number.isFinite)).toBe(true);
          expect(JSON.parse(JSON.stringify(client.state))).toEqual(client.state);
        });
      }),
    );
  });

  test("it is never stuck: when it was open its longest, the next call is let pass", () => {
    fc.assert(
      fc.property(options, lifeOf(anyTime), (chosen, life) => {
        const client = clientOf(chosen);
        live(client, life);
        client.nowMs += chosen.openMs * (1 + chosen.jitterRatio);
        expect(isOpen(client)).toBe(false);
      }),
    );
  });

  test("it never has two attempts out to ask within `openMs`", () => {
    fc.assert(
      fc.property(options, lifeOf(inOrder), (chosen, life) => {
        const client = clientOf({ ...chosen, attemptsMin: 1 });
        fail(client);
        const failing = life.filter(({ what }) => what !== "succeed");
        for (const ms of live(client, failing)) expect(ms).toBeGreaterThanOrEqual(chosen.openMs);
      }),
    );
  });
});

test("claims what the inner policy claims", () => {
  const claim = { burstPerClient: 1, ratio: 0.5, perSecond: 2 };
  expect(circuitBreaker({ ...none(), claim }).claim).toEqual(claim);
});
