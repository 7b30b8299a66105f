import { describe, expect, test } from "vitest";
import {
  adaptiveThrottling,
  backoff,
  budgeted,
  circuitBreaker,
  deadline,
  exponential,
  fixed,
  fullJitter,
  hedged,
  immediate,
  killSwitch,
  none,
  retryAfter,
  sessionReset,
  vetted,
} from "../../policies/index.ts";

const inner = none();
const WRAPPERS = [retryAfter, deadline, budgeted, sessionReset, circuitBreaker, adaptiveThrottling];

describe("options are refused when the policy is made, in a whole sentence", () => {
  const refusals: [() => unknown, string][] = [
    [
      () => exponential({ delayMaxMs: 50 }),
      "Expected `delayMaxMs` to be ≥ `delayBaseMs` (100), got 50.",
    ],
    [
      () => exponential({ delayBaseMs: NaN }),
      "Expected `delayBaseMs` to be a finite number ≥ 0, got NaN.",
    ],
    [
      () => fullJitter({ delayMaxMs: Infinity }),
      "Expected `delayMaxMs` to be ≥ `delayBaseMs` (100), got Infinity.",
    ],
    [() => fixed({ delayMs: -1 }), "Expected `delayMs` to be a finite number ≥ 0, got -1."],
    [
      () => fixed({ delayMs: "100" as never }),
      'Expected `delayMs` to be a finite number ≥ 0, got "100".',
    ],
    [
      () => immediate({ attemptsMax: 0 }),
      "Expected `attemptsMax` to be an integer ≥ 1 or Infinity, got 0.",
    ],
    [
      () => vetted({ attemptsMax: 2.5 }),
      "Expected `attemptsMax` to be an integer ≥ 1 or Infinity, got 2.5.",
    ],
    [
      () => backoff({ name: "x", attemptsMax: NaN, delayMs: () => 0 }),
      "Expected `attemptsMax` to be an integer ≥ 1 or Infinity, got NaN.",
    ],
    [
      () => circuitBreaker(inner, { failureRatio: 0 }),
      "Expected `failureRatio` to be a number above 0 and at most 1, got 0.",
    ],
    [
      () => circuitBreaker(inner, { failureRatio: 50 }),
      "Expected `failureRatio` to be a number above 0 and at most 1, got 50.",
    ],
    [
      () => circuitBreaker(inner, { attemptsMin: 0 }),
      "Expected `attemptsMin` to be an integer ≥ 1, got 0.",
    ],
    [
      () => circuitBreaker(inner, { windowMs: Infinity }),
      "Expected `windowMs` to be a finite number > 0, got Infinity.",
    ],
    [
      () => circuitBreaker(inner, { openMs: 0 }),
      "Expected `openMs` to be a finite number > 0, got 0.",
    ],
    [
      () => circuitBreaker(inner, { jitterRatio: NaN }),
      "Expected `jitterRatio` to be a finite number ≥ 0, got NaN.",
    ],
    [
      () => adaptiveThrottling(inner, { acceptsMultiplier: 0.9 }),
      "Expected `acceptsMultiplier` to be a finite number ≥ 1, got 0.9.",
    ],
    [
      () => adaptiveThrottling(inner, { windowMs: -1 }),
      "Expected `windowMs` to be a finite number > 0, got -1.",
    ],
    [
      () => adaptiveThrottling(inner, { requestsMin: NaN }),
      "Expected `requestsMin` to be a finite number ≥ 0, got NaN.",
    ],
    [
      () => budgeted(inner, { ratio: 0.0005 }),
      "Expected `ratio` to be a multiple of 0.001 and ≥ 0, got 0.0005.",
    ],
    [
      () => budgeted(inner, { ratio: -0.1 }),
      "Expected `ratio` to be a multiple of 0.001 and ≥ 0, got -0.1.",
    ],
    [
      () => budgeted(inner, { tokensMax: NaN }),
      "Expected `tokensMax` to be a multiple of 0.001 and ≥ 0, got NaN.",
    ],
    [
      () => budgeted(inner, { tokensMax: Infinity }),
      "Expected `tokensMax` to be a multiple of 0.001 and ≥ 0, got Infinity.",
    ],
    [
      () => budgeted(inner, { tokensInitial: 11 }),
      "Expected `tokensInitial` to be ≤ `tokensMax` (3), got 11.",
    ],
    [() => deadline(inner, { limitMs: 0 }), "Expected `limitMs` to be a number > 0, got 0."],
    [() => deadline(inner, { limitMs: NaN }), "Expected `limitMs` to be a number > 0, got NaN."],
    [
      () => retryAfter(inner, { retryAfterMaxMs: Infinity }),
      "Expected `retryAfterMaxMs` to be a finite number ≥ 0, got Infinity.",
    ],
    [
      () => retryAfter(inner, { jitterRatio: -1 }),
      "Expected `jitterRatio` to be a finite number ≥ 0, got -1.",
    ],
    [() => hedged(inner, { percentile: 1 }), "Expected `percentile` to be between 0 and 1, got 1."],
    [
      () => hedged(inner, { percentile: "0.9" as never }),
      'Expected `percentile` to be between 0 and 1, got "0.9".',
    ],
    [() => hedged(inner, { hedgesMax: 0 }), "Expected `hedgesMax` to be an integer ≥ 1, got 0."],
    [
      () => hedged(inner, { samplesMin: Infinity }),
      "Expected `samplesMin` to be an integer ≥ 1, got Infinity.",
    ],
    [
      () => hedged(inner, { delayMinMs: 0 }),
      "Expected `delayMinMs` to be a finite number > 0, got 0.",
    ],
    [
      () => sessionReset(inner, { after: [] }),
      "Expected `after` to be one or more of rejected, timeout, connection, got .",
    ],
    [
      () => sessionReset(inner, { after: ["fatal" as never] }),
      "Expected `after` to be one or more of rejected, timeout, connection, got fatal.",
    ],
    [
      () => sessionReset(inner, { sessionResetIntervalMs: 0 }),
      "Expected `sessionResetIntervalMs` to be a finite number > 0, got 0.",
    ],
    [
      () => sessionReset(inner, { sessionResetSpreadMs: NaN }),
      "Expected `sessionResetSpreadMs` to be a finite number ≥ 0, got NaN.",
    ],
    [
      () => sessionReset(inner, { requests: -3 }),
      "Expected `requests` to be a finite number ≥ 0, got -3.",
    ],
  ];

  test.each(refusals.map(([make, message]) => ({ make, message })))(
    "$message",
    ({ make, message }) => {
      expect(make).toThrow(new RangeError(message));
    },
  );

  test.each([
    fixed,
    immediate,
    exponential,
    vetted,
    (o: object) => budgeted(inner, o),
    (o: object) => circuitBreaker(inner, o),
    (o: object) => adaptiveThrottling(inner, o),
    (o: object) => deadline(inner, o),
    (o: object) => retryAfter(inner, o),
    (o: object) => sessionReset(inner, o),
    (o: object) => hedged(inner, o),
  ])("no option is silently misspelled (%#)", (make) =>
    expect(() => make({ unheardOf: 1 } as never)).toThrow(
      /^Expected only the options `.*`, got `unheardOf`\.$/,
    ),
  );

  test("a sum that is a thousandth but for rounding is one", () => {
    expect(() => budgeted(inner, { ratio: 0.1 + 0.2 })).not.toThrow();
  });
});

describe("wrapping", () => {
  test("composes the names", () => {
    expect(sessionReset(vetted()).name).toBe(
      "session-reset(kill-switch(retry-after(deadline(budgeted(full-jitter)))))",
    );
  });

  test("the same state twice is an error, however deep", () => {
    const twice = () => budgeted(retryAfter(deadline(budgeted(inner))));
    expect(twice).toThrow(
      'Expected the policy inside `budgeted` to have no state "budgeted.tokensThousandths", ' +
        "got retry-after(deadline(budgeted(none))). Wrap once.",
    );
    expect(() => sessionReset(sessionReset(inner))).toThrow(/sessionReset\.lastMs/);
  });

  test("keeps the inner state, claim and listening, also of a class instance", () => {
    class Counting {
      readonly name = "counting";
      readonly initial = { answered: 0 };
      get claim() {
        return { burstPerClient: 1, ratio: 0.5, perSecond: 2 };
      }
      decide() {
        return { do: "send" } as const;
      }
      readonly step = 1;
      observe(state: Record<string, number>) {
        state.answered += this.step;
      }
    }
    for (const wrapper of WRAPPERS) {
      const policy = wrapper(new Counting());
      const state = { ...policy.initial };
      policy.observe?.(state, {
        kind: "success",
        nowMs: 0,
        flags: { boolean: (_n, f) => f, number: (_n, f) => f, changedAtMs: () => undefined },
        attempt: 1,
        elapsedMs: 0,
        latencyMs: 0,
        hedges: 0,
      });
      expect(state.answered).toBe(1);
      expect(policy.claim?.burstPerClient).toBeGreaterThanOrEqual(1);
    }
    expect(retryAfter(new Counting()).claim).toEqual(new Counting().claim);
  });

  test("listens only where somebody does", () => {
    expect(retryAfter(deadline(sessionReset(fullJitter()))).observe).toBeUndefined();
  });
});

describe("a wrapper refuses what is no policy", () => {
  const wrappers = { budgeted, deadline, hedged, killSwitch, retryAfter, sessionReset };
  test.each(Object.entries(wrappers))("%s", (_name, wrapper) => {
    expect(() => wrapper(fullJitter as never)).toThrow("to be a policy, got function. Call it");
    expect(() => wrapper(undefined as never)).toThrow("to be a policy, got undefined.");
    expect(() => wrapper("x" as never)).toThrow("to be a policy, got string.");
  });
});
