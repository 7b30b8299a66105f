import fc from "fast-check";
import { describe, expect, test } from "vitest";
import {
  type MakeOptions,
  type PolicyName,
  registry,
  TOKENS_THOUSANDTHS,
} from "../../policies/index.ts";
import { FlagPlan } from "../../src/flags.ts";
import type { Outcome, Question } from "../../src/policy.ts";
import { Client, TIMEOUT } from "./drive.ts";

const OPTIONS: MakeOptions = {
  attemptsMax: 3,
  delayBaseMs: 100,
  delayMaxMs: 20_000,
  budgetRatio: 0.1,
  budgetTokensMax: 10,
  deadlineMs: 5000,
};
const names = Object.keys(registry) as PolicyName[];

describe("the registry", () => {
  test("holds every policy by its name", () => {
    expect(names).toEqual([
      "none",
      "immediate",
      "fixed",
      "exponential",
      "equal-jitter",
      "full-jitter",
      "decorrelated-jitter",
      "retry-after",
      "deadline",
      "budgeted",
      "circuit-breaker",
      "adaptive-throttling",
      "hedged",
      "session-reset",
      "vetted",
      "vetted-session-reset",
    ]);
  });

  test.each(names)("%s makes a policy of that name, and says in a sentence what it is", (name) => {
    expect(registry[name].make(OPTIONS).name).toBe(name);
    expect(registry[name].about).toMatch(/^[A-Z][^.]*\.$/);
  });

  test("gives `immediate` ten attempts, whatever the others have", () => {
    const attempts = (attemptsMax: number) => {
      const client = new Client(registry.immediate.make({ ...OPTIONS, attemptsMax }));
      const call = client.begin();
      while (call.last.do === "send") call.failAndWait(TIMEOUT);
      return client.counts.attempts;
    };
    expect([1, 3, Infinity].map(attempts)).toEqual([10, 10, 10]);
  });

  test("hands every number on", () => {
    const made = registry.vetted.make({ ...OPTIONS, budgetRatio: 0.2, budgetTokensMax: 7 });
    expect(made.claim).toEqual({ burstPerClient: 7, ratio: 0.2, perSecond: 0 });
    expect(new Client(made).begin().call.deadlineMs).toBe(5000);
    const tokens = { budgetTokensMax: 7, budgetTokensInitial: 4 };
    for (const name of ["budgeted", "vetted", "vetted-session-reset"] as const) {
      const { initial } = registry[name].make({ ...OPTIONS, ...tokens });
      expect(initial[TOKENS_THOUSANDTHS]).toBe(4_000);
    }
    expect(registry["vetted-session-reset"].make(OPTIONS).claim?.burstPerClient).toBe(13);
    const fixed = new Client(registry.fixed.make({ ...OPTIONS, delayBaseMs: 250 }));
    expect(fixed.begin().fail(TIMEOUT)).toEqual({ do: "wait", delayMs: 250 });
  });
});

describe("every policy of the registry is pure", () => {
  const outcome: fc.Arbitrary<Outcome> = fc.oneof(
    fc.constantFrom<Outcome>(TIMEOUT, { kind: "connection" }, { kind: "rejected", status: 503 }),
    fc
      .nat(90_000)
      .map((retryAfterMs) => ({ kind: "rejected", status: 503, retryAfterMs }) as const),
  );
  const plan = new FlagPlan([
    { atMs: 0, name: "automatic-session-reset", value: false },
    { atMs: 500, name: "automatic-session-reset", value: true },
    { atMs: 500, name: "retryDelayMaxMs", value: 5_000 },
  ]);
  plan.advance(500);
  const facts = { nowMs: fc.integer({ min: 500, max: 10 ** 7 }), flags: fc.constant(plan) };
  const deadlineMs = fc.option(fc.nat(10 ** 7), { nil: undefined });
  const attempt = fc.integer({ min: 1, max: 2000 });
  const event: fc.Arbitrary<Question> = fc.oneof(
    fc.record({ kind: fc.constant("start" as const), ...facts, deadlineMs }),
    fc.record({
      kind: fc.constant("failure" as const),
      ...facts,
      deadlineMs,
      attempt,
      elapsedMs: fc.nat(),
      latencyMs: fc.nat(),
      delayBeforeMs: fc.nat(20_000),
      hedges: fc.nat(2),
      outcome,
    }),
    fc.record({
      kind: fc.constant("wake" as const),
      ...facts,
      deadlineMs,
      attempt,
      elapsedMs: fc.nat(),
      waitedMs: fc.nat(),
      remainingMs: fc.constantFrom(0, 0, 7),
      outcome,
    }),
    fc.record({
      kind: fc.constant("hedge" as const),
      ...facts,
      deadlineMs,
      attempt,
      elapsedMs: fc.nat(),
      waitedMs: fc.nat(),
      hedges: fc.nat(2),
    }),
  );
  const draws = fc.array(fc.double({ min: 0, max: 1 - 2 ** -53, noNaN: true }), {
    minLength: 4,
    maxLength: 4,
  });
  const life = fc.array(fc.tuple(event, draws), { maxLength: 30 });

  test.each(names)("%s", (name) => {
    const policy = Object.freeze(registry[name].make({ ...OPTIONS, attemptsMax: Infinity }));
    Object.freeze(policy.initial);
    fc.assert(
      fc.property(life, (events) => {
        const state = { ...policy.initial };
        for (const [happened, numbers] of events) {
          Object.freeze(happened);
          if ("outcome" in happened) Object.freeze(happened.outcome);
          const draw = () => {
            let n = 0;
            return () => numbers[n++];
          };
          const revived = JSON.parse(JSON.stringify(state));
          const decision = policy.decide(state, happened, draw());
          expect(policy.decide(revived, happened, draw())).toEqual(decision);
          expect(revived).toEqual(state);
          expect(Object.keys(state)).toEqual(Object.keys(policy.initial));
          for (const cell of Object.values(state)) expect(Number.isFinite(cell)).toBe(true);
          if (decision.do === "wait") expect(Number.isFinite(decision.delayMs)).toBe(true);
        }
      }),
    );
  });
});
