import { describe, expect, test } from "vitest";
import {
  budgeted,
  checkPolicy,
  circuitBreaker,
  deadline,
  fixed,
  fullJitter,
  immediate,
  killSwitch,
  none,
  retryAfter,
  retrying,
  TOKENS_THOUSANDTHS,
  vetted,
} from "../../policies/index.ts";
import type { Policy } from "../../src/policy.ts";
import { Client, REJECTED, rejectedFor, TIMEOUT } from "./drive.ts";

/** Where others stop for want of tokens, it tries again: it sends more. */
function insistent(inner: Policy): Policy {
  return {
    ...inner,
    name: `insistent(${inner.name})`,
    decide(state, event, random) {
      const decision = inner.decide(state, event, random);
      const isGivenUp = decision.do === "stop" && decision.why === "budget";
      return isGivenUp ? { do: "send" } : decision;
    },
  };
}

function shorter(inner: Policy, { factor }: { factor: number }): Policy {
  return {
    ...inner,
    name: `shorter(${inner.name})`,
    decide(state, event, random) {
      const decision = inner.decide(state, event, random);
      return decision.do === "wait"
        ? { ...decision, delayMs: decision.delayMs * factor }
        : decision;
    },
  };
}

function retries(policy: Policy, calls: number): number {
  const client = new Client(policy);
  for (let n = 0; n < calls; n++) {
    const call = client.begin();
    while (call.last.do === "send") call.failAndWait(TIMEOUT);
  }
  return client.counts.retries;
}

describe("retrying", () => {
  test("is what the wrappers are around one another: `vetted`, said as a sentence", () => {
    const policy = retrying(fullJitter())
      .with(budgeted)
      .with(deadline)
      .with(retryAfter)
      .with(killSwitch);
    const { name, initial, claim } = vetted();
    expect(policy).toMatchObject({ name, initial, claim });
    const decisions = [policy, vetted()].map((each) => {
      const call = new Client(each).begin();
      return [call.failAndWait(REJECTED), call.failAndWait(rejectedFor(1_500)), call.call];
    });
    expect(decisions[0]).toEqual(decisions[1]);
  });

  test("is a policy after every step, and stays the one it was", () => {
    const one = retrying(immediate({ attemptsMax: 3 }));
    const two = one.with(budgeted, { tokensMax: 1 });
    const three = two.with(retryAfter);
    for (const policy of [one, two, three]) expect(checkPolicy(policy)).toBe(policy);
    expect([one, two, three].map((policy) => retries(policy, 1))).toEqual([2, 1, 1]);
  });

  test("takes wrappers of one's own, with their options", () => {
    const policy = retrying(fixed({ delayMs: 100 })).with(shorter, { factor: 0.5 });
    expect(new Client(policy).begin().fail(TIMEOUT)).toEqual({ do: "wait", delayMs: 50 });
  });

  test("takes a class instance, and listens only if that does", () => {
    class Counting {
      readonly name = "counting";
      readonly initial = { answered: 0 };
      readonly #step = 1;
      decide() {
        return { do: "send" } as const;
      }
      observe(state: Record<string, number>) {
        state.answered += this.#step;
      }
    }
    const client = new Client(retrying(new Counting()).with(retryAfter));
    client.begin().succeed();
    expect(client.state).toEqual({ answered: 1 });
    expect(retrying(none()).observe).toBeUndefined();
  });

  test("hands on what is wrong with an option, and knows their types", () => {
    const policy = retrying(none());
    // @ts-expect-error no such option
    expect(() => policy.with(budgeted, { ration: 0.1 })).toThrow(/got `ration`/);
    // @ts-expect-error not a number
    expect(() => policy.with(deadline, { limitMs: "1 s" })).toThrow(/got "1 s"/);
    // @ts-expect-error its options are required
    expect(() => policy.with(shorter)).toThrow(TypeError);
  });
});

describe("the order of parts", () => {
  test("a budget outside of what sends more bounds it, inside it does not", () => {
    const patient = retrying(immediate({ attemptsMax: 10 }));
    const bounded = patient.with(insistent).with(budgeted, { tokensInitial: 3 });
    const unbounded = patient.with(budgeted, { tokensInitial: 3 }).with(insistent);
    expect(retries(bounded, 5)).toBe(3);
    expect(retries(unbounded, 5)).toBe(45);
  });

  test("retryAfter outside of what shortens waits is never early, inside it is", () => {
    const waiting = retrying(fixed({ delayMs: 100 }));
    const waitMs = (policy: Policy) =>
      new Client(policy).begin().failAndWait(rejectedFor(2_000)).waitedMs;
    const half = { factor: 0.5 };
    expect(waitMs(waiting.with(shorter, half).with(retryAfter))).toBeGreaterThan(2_000);
    expect(waitMs(waiting.with(retryAfter).with(shorter, half))).toBeLessThan(2_000);
  });

  test("a breaker and a budget may stand either way: what one stops, the other does not pay for", () => {
    const open = { attemptsMin: 1, openMs: 1_000, jitterRatio: 0 };
    const inside = retrying(fixed({ delayMs: 1 }))
      .with(circuitBreaker, open)
      .with(budgeted);
    const outside = retrying(fixed({ delayMs: 1 }))
      .with(budgeted)
      .with(circuitBreaker, open);
    for (const policy of [inside, outside]) {
      const client = new Client(policy);
      expect(client.begin().fail(TIMEOUT)).toEqual({ do: "stop", why: "breaker" });
      expect(client.begin().last).toEqual({ do: "stop", why: "breaker" });
      expect(client.state[TOKENS_THOUSANDTHS]).toBe(2_000);
    }
  });
});
