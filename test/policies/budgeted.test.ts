import fc from "fast-check";
import { describe, expect, test } from "vitest";
import {
  budgeted,
  immediate,
  RETRY_BUDGET_RATIO_FLAG,
  sessionReset,
  TOKENS_THOUSANDTHS,
} from "../../policies/index.ts";
import { FlagPlan } from "../../src/flags.ts";
import type { Policy } from "../../src/policy.ts";
import { Client, REJECTED, TIMEOUT } from "./drive.ts";

const tokens = (client: Client) => client.state[TOKENS_THOUSANDTHS] / 1000;

const clientOf = (options: Parameters<typeof budgeted>[1]) =>
  new Client(budgeted(immediate(), options));

/** Asks for one retry, and whether it left. */
function retries(client: Client): boolean {
  return client.begin().failAndWait(TIMEOUT).decision.do === "send";
}

describe("the retry budget", () => {
  test("starts with two tokens, fewer if its jar is smaller, or as told", () => {
    expect(tokens(clientOf({}))).toBe(2);
    expect(tokens(clientOf({ tokensMax: 5 }))).toBe(2);
    expect(tokens(clientOf({ tokensMax: 1.3 }))).toBe(1.3);
    expect(tokens(clientOf({ tokensInitial: 3 }))).toBe(3);
    expect(tokens(clientOf({ tokensInitial: 0.5 }))).toBe(0.5);
  });

  test("holds three at most, or as told", () => {
    const filled = (options: object) => {
      const client = clientOf(options);
      for (let n = 0; n < 100; n++) client.begin().succeed();
      return tokens(client);
    };
    expect([filled({}), filled({ tokensMax: 5 })]).toEqual([3, 5]);
  });

  test("spends one token a retry", () => {
    const client = clientOf({ tokensInitial: 2 });
    const call = client.begin();
    call.failAndWait(TIMEOUT);
    expect(tokens(client)).toBe(1);
    call.failAndWait(TIMEOUT);
    expect(tokens(client)).toBe(0);
  });

  test("stops a failure with `budget` at once when there is not one whole token", () => {
    const client = new Client(budgeted(waiting(100), { tokensInitial: 0.999 }));
    expect(client.begin().fail(TIMEOUT)).toEqual({ do: "stop", why: "budget" });
  });

  test("never spends for first attempts, and sends them without tokens", () => {
    const client = clientOf({ tokensMax: 1 });
    for (let call = 0; call < 5; call++) expect(client.begin().last.do).toBe("send");
    expect(tokens(client)).toBe(1);
    expect(retries(client)).toBe(true);
    expect(client.begin().last.do).toBe("send");
    expect(tokens(client)).toBe(0);
  });

  test("a first attempt that had to wait costs nothing either", () => {
    const late: Policy = {
      name: "late",
      initial: {},
      decide: (_state, { kind }) =>
        kind === "start" ? { do: "wait", delayMs: 5 } : { do: "send" },
    };
    const client = new Client(budgeted(late, { tokensInitial: 0 }));
    const call = client.begin();
    client.nowMs += 5;
    expect(call.wake().do).toBe("send");
    expect(tokens(client)).toBe(0);
  });

  test("spends at the wake that sends, not at the failure, nor when a flag changes meanwhile", () => {
    const client = new Client(budgeted(waiting(100), { tokensInitial: 1 }));
    const call = client.begin();
    call.fail(TIMEOUT);
    client.nowMs = 50;
    expect(call.wake()).toEqual({ do: "wait", delayMs: 50 });
    expect(tokens(client)).toBe(1);
    client.nowMs = 100;
    expect(call.wake().do).toBe("send");
    expect(tokens(client)).toBe(0);
  });

  test("an abandoned wait spent nothing, so nothing comes back", () => {
    const client = new Client(budgeted(waiting(100), { tokensInitial: 1 }));
    const call = client.begin();
    call.fail(TIMEOUT);
    call.abandon("wait");
    expect(tokens(client)).toBe(1);
  });

  test("of two calls that wait for the last token, the second stops", () => {
    const client = new Client(budgeted(waiting(100), { tokensMax: 1 }));
    const [first, second] = [client.begin(), client.begin()];
    first.fail(TIMEOUT);
    second.fail(TIMEOUT);
    client.nowMs = 100;
    expect(first.wake().do).toBe("send");
    expect(second.wake()).toEqual({ do: "stop", why: "budget" });
  });

  test("a timer that fires after the deadline spends nothing", () => {
    const client = new Client(budgeted(waiting(100), { tokensInitial: 1 }));
    const call = client.begin(150);
    call.fail(TIMEOUT);
    client.nowMs = 151;
    expect(call.wake()).toEqual({ do: "stop", why: "deadline" });
    expect(tokens(client)).toBe(1);
  });

  test("what the inner policy stops keeps its reason and its token", () => {
    const client = new Client(budgeted(immediate({ attemptsMax: 1 }), { tokensInitial: 0 }));
    expect(client.begin().fail(TIMEOUT)).toEqual({ do: "stop", why: "attempts" });
  });

  test("an inner session reset is not noted down for a retry without a token", () => {
    const client = new Client(budgeted(sessionReset(waiting(100)), { tokensMax: 1 }));
    const [first, second] = [client.begin(), client.begin()];
    first.fail(TIMEOUT);
    second.fail(REJECTED);
    client.nowMs = 100;
    first.wake();
    const before = { ...client.state };
    expect(second.wake()).toEqual({ do: "stop", why: "budget" });
    expect(client.state).toEqual(before);
  });

  test("ten successes at 0.1 give exactly one token, not nine and not eleven", () => {
    const client = clientOf({ ratio: 0.1, tokensInitial: 0 });
    for (let n = 1; n <= 9; n++) client.begin().succeed();
    expect(retries(client)).toBe(false);
    client.begin().succeed();
    expect(client.state[TOKENS_THOUSANDTHS]).toBe(1000);
    expect(retries(client)).toBe(true);
    expect(retries(client)).toBe(false);
  });

  test("is never negative, above its cap, or a fraction of a thousandth; and keeps its claim", () => {
    const act = fc.constantFrom("fail", "fail", "succeed", "abandon", "begin");
    const options = fc.record({
      ratio: fc.nat(1500).map((thousandths) => thousandths / 1000),
      tokensMax: fc.nat(6000).map((thousandths) => thousandths / 1000),
    });
    fc.assert(
      fc.property(options, fc.array(act, { maxLength: 200 }), (chosen, acts) => {
        const policy = budgeted(immediate(), chosen);
        const client = new Client(policy);
        let call = client.begin();
        let successes = 0;
        for (const what of acts) {
          if (what !== "begin" && call.last.do === "send") {
            if (what === "fail") call.failAndWait(TIMEOUT);
            if (what === "succeed") successes++;
            if (what === "succeed") call.succeed();
            if (what === "abandon") call.abandon("attempt");
          }
          if (what !== "fail") call = client.begin();
          const thousandths = client.state[TOKENS_THOUSANDTHS];
          expect(Number.isInteger(thousandths)).toBe(true);
          expect(thousandths).toBeGreaterThanOrEqual(0);
          expect(thousandths).toBeLessThanOrEqual(Math.round(chosen.tokensMax * 1000));
          const { burstPerClient, ratio } = policy.claim ?? { burstPerClient: NaN, ratio: NaN };
          expect(client.counts.retries).toBeLessThanOrEqual(
            burstPerClient + ratio * successes + 1e-9,
          );
        }
      }),
    );
  });

  test("claims its tokens and its ratio, on top of what the inner policy claims", () => {
    expect(budgeted(immediate(), { ratio: 0.2, tokensMax: 5 }).claim).toEqual({
      burstPerClient: 5,
      ratio: 0.2,
      perSecond: 0,
    });
    const claimed = { ...immediate(), claim: { burstPerClient: 1, ratio: 0.5, perSecond: 2 } };
    expect(budgeted(claimed, { ratio: 0.25, tokensMax: 5 }).claim).toEqual({
      burstPerClient: 6,
      ratio: 0.75,
      perSecond: 2,
    });
  });
});

describe("the flag retryBudgetRatio", () => {
  /** The thousandths that one success brings, with the flag at this value. */
  function fillOf(value: number | boolean): number {
    const client = clientOf({ ratio: 0.1, tokensInitial: 0 });
    client.flags = new FlagPlan([{ atMs: 0, name: RETRY_BUDGET_RATIO_FLAG, value }]);
    client.begin().succeed();
    return client.state[TOKENS_THOUSANDTHS];
  }

  test("takes the place of the option, from the next success on", () => {
    const client = clientOf({ ratio: 0.1, tokensInitial: 0 });
    const plan = new FlagPlan([{ atMs: 10, name: RETRY_BUDGET_RATIO_FLAG, value: 0.5 }]);
    client.flags = plan;
    client.begin().succeed();
    expect(tokens(client)).toBe(0.1);
    plan.advance(10);
    client.begin().succeed();
    expect(tokens(client)).toBe(0.6);
  });

  test.each([
    [0, 0],
    [0.25, 250],
    [1 / 3, 333],
    [0.57, 570],
    [0.0004, 0],
    [1e300, 3_000],
  ])("%d fills %d thousandths", (ratio, thousandths) => expect(fillOf(ratio)).toBe(thousandths));

  test.each([NaN, Infinity, -1, true])("%s counts as missing", (value) =>
    expect(fillOf(value)).toBe(100),
  );
});

function waiting(delayMs: number): Policy {
  return {
    name: "waiting",
    initial: {},
    decide: (_state, { kind }) => (kind === "failure" ? { do: "wait", delayMs } : { do: "send" }),
  };
}
