/** Whatever the scenario and the policy: nothing is lost, nothing happens twice, time goes one way. */
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import type { Policy } from "../../src/policy.ts";
import { defineScenario, type Scenario, type ScenarioInput } from "../../src/scenario.ts";
import { simulate } from "../../src/sim/simulation.ts";
import { Audit } from "./audit.ts";
import { hedgingWhim, whim } from "./whim.ts";

const upTo = (max: number) => fc.integer({ min: 0, max });
const from = (min: number, max: number) => fc.integer({ min, max });
/** Milliseconds with microseconds, and round ones, which meet more often. */
const ms = (min: number, max: number) =>
  fc.oneof(
    from(min, max),
    from(min * 1000, max * 1000).map((us) => us / 1000),
  );

const load: fc.Arbitrary<ScenarioInput["load"]> = fc.oneof(
  from(1, 400).map((perSecond) => ({
    kind: "open" as const,
    arrivals: [{ fromMs: 0, perSecond }],
  })),
  ms(1, 100).map((thinkMs) => ({ kind: "closed", thinkMs }) as const),
  ms(5, 100).map((everyMs) => ({ kind: "poll", everyMs }) as const),
  upTo(200).map((overMs) => ({ kind: "herd", fromMs: 10, overMs }) as const),
  fc
    .array(ms(0, 300), { minLength: 1, maxLength: 60 })
    .map((times) => ({ kind: "recorded", atMs: [0, ...times.toSorted((a, b) => a - b)] }) as const),
);
const span = fc.tuple(ms(0, 250), ms(1, 100)).map(([fromMs, lasts]) => ({
  fromMs,
  untilMs: fromMs + lasts,
}));
const fault = fc.oneof(
  span.map((during) => ({ kind: "outage", ...during }) as const),
  fc
    .tuple(span, from(1, 9))
    .map(([during, factor]) => ({ kind: "slowdown", ...during, factor }) as const),
  fc
    .tuple(span, fc.constantFrom(400, 429, 500, 508), fc.constantFrom(0.3, 1))
    .map(([during, status, share]) => ({ kind: "partial", ...during, status, share }) as const),
);
const service = fc.oneof(
  ms(0, 40).map((meanMs) => ({ distribution: "deterministic", meanMs }) as const),
  ms(1, 40).map((meanMs) => ({ distribution: "exponential", meanMs }) as const),
  ms(1, 40).map((meanMs) => ({ distribution: "lognormal", meanMs, sigma: 1 }) as const),
  fc
    .array(ms(0, 80), { minLength: 1, maxLength: 5 })
    .map((serviceMs) => ({ distribution: "recorded", serviceMs }) as const),
);
const SERVER_FIELDS = {
  networkMs: from(1, 5),
  server: fc.record({
    workers: fc.tuple(upTo(4), upTo(4), from(1, 250)).map(([first, then, fromMs]) => [
      { fromMs: 0, workers: first },
      { fromMs, workers: then },
    ]),
    service,
    queue: fc.record({
      places: upTo(8),
      order: fc.constantFrom("fifo" as const, "lifo" as const),
    }),
    rejection: fc.record({
      status: fc.constantFrom(429, 503),
      costMs: fc.constantFrom(0, 0.5, 3),
    }),
  }),
  faults: fc.array(fault, { maxLength: 3 }),
};
const layer = fc.record({
  name: fc.constant("below"),
  caller: fc.record(
    {
      instances: from(1, 3),
      timeoutMs: ms(1, 60),
      deadlineMs: ms(1, 200),
      failureStatus: fc.constantFrom(502, 508),
    },
    { requiredKeys: ["instances", "timeoutMs"] },
  ),
  ...SERVER_FIELDS,
});
const SENDING = {
  attempt: fc.record({
    requests: fc.constantFrom(1, 1, 2, 4),
    order: fc.constantFrom("in-turn" as const, "at-once" as const, "fallback" as const),
  }),
  recipients: fc.option(fc.record({ count: from(1, 3) }), { nil: undefined }),
};
const traffics = fc
  .array(
    fc.record(
      {
        load,
        policy: fc.constant("other"),
        timeoutMs: ms(1, 60),
        deadlineMs: ms(1, 200),
        ...SENDING,
      },
      { requiredKeys: ["load"] },
    ),
    { maxLength: 2 },
  )
  .map((list) => list.map((traffic, index) => ({ name: `traffic ${index}`, ...traffic })));
/** None in half of the scenarios, and at most half of the clients each. */
const cohorts = fc
  .oneof(
    fc.constant([]),
    fc.array(
      fc.record(
        {
          share: fc.constantFrom(0, 0.2, 0.5),
          policy: fc.constant("other"),
          flags: fc.array(
            fc.record({ atMs: ms(0, 300), name: fc.constant("flag"), value: fc.boolean() }),
            { maxLength: 2 },
          ),
          rollout: span.map((during) => ({ policy: "new", ...during })),
        },
        { requiredKeys: ["share"] },
      ),
      { minLength: 1, maxLength: 2 },
    ),
  )
  .map((list) => list.map((cohort, index) => ({ name: `cohort ${index}`, ...cohort })));
const scenario = fc
  .record({
    tickUs: fc.constantFrom(1 as const, 1000 as const),
    clients: fc.record(
      { count: from(1, 20), timeoutMs: ms(1, 60), deadlineMs: ms(1, 200) },
      { requiredKeys: ["count", "timeoutMs"] },
    ),
    cohorts,
    load,
    ...SENDING,
    traffics,
    ...SERVER_FIELDS,
    downstream: fc.array(layer, { maxLength: 4 }),
    flags: fc.array(
      fc.record({ atMs: ms(0, 300), name: fc.constant("flag"), value: fc.boolean() }),
      { maxLength: 3 },
    ),
    sessionReset: fc.record({ requests: upTo(3) }),
  })
  .map((input) =>
    defineScenario({ name: "any", shows: "Anything.", runMs: 300, patienceMs: 100, ...input }),
  );

/** One with a state of another shape, and one without any. */
const policyOf = (name: string): Policy =>
  name === "new"
    ? {
        ...whim,
        initial: {},
        decide: (_state, ...facts) => whim.decide({ asked: 0 }, ...facts),
        observe: undefined,
      }
    : { ...whim, initial: { other: 1, asked: 0 } };

/** What each layer below is to those who call it. */
function layersOf(scenario: Scenario): Scenario[] {
  return scenario.downstream.map(({ caller, networkMs, server, faults }) => {
    const { instances: count, timeoutMs, deadlineMs } = caller;
    const clients = { count, timeoutMs, deadlineMs };
    const alike = { attempt: { requests: 1, order: "in-turn" as const }, recipients: undefined };
    return { ...scenario, ...alike, traffics: [], clients, networkMs, server, faults };
  });
}

describe.each([whim, hedgingWhim])("any run of $name", (policy) => {
  const hedges = policy.hedges === true;

  test("conserves calls, attempts and requests", () => {
    fc.assert(
      fc.property(scenario, fc.nat(), (drawn, seed) => {
        const audit = new Audit(drawn, { hedges });
        const downstreamTraces = layersOf(drawn).map(
          (layer) => new Audit(layer, { callsUntilMs: Infinity, hedges }),
        );
        // Throws when the simulator's books or a server's do not balance.
        const end = simulate({
          scenario: drawn,
          policy,
          policyOf: hedges && seed % 2 === 0 ? () => policy : policyOf,
          seed,
          trace: audit,
          downstreamTraces,
        });
        const audits = [audit, ...downstreamTraces];
        for (const each of audits) each.end();
        expect(audits.flatMap(({ complaints }) => complaints)).toEqual([]);
        // A piece of work done above is a call below.
        for (const [index, { calls }] of downstreamTraces.entries()) {
          expect(calls).toBe(audits[index].works);
          expect(end.downstream?.[index]).toMatchObject({ calls });
        }
        expect(end).toMatchObject({ cut: false, calls: audit.calls });
        // An attempt whose session reset takes all its time is counted, and never sent.
        expect(end.attempts - end.sessionResets).toBeLessThanOrEqual(audit.attempts);
        expect(end.attempts).toBeGreaterThanOrEqual(audit.attempts);
        expect(end.retries).toBeLessThanOrEqual(end.attempts);
      }),
      { numRuns: 150, seed: 1 },
    );
  });

  test("conserves attempts exactly without session resets", () => {
    const plain: Policy = {
      ...policy,
      decide: (state, event, random) => {
        const decision = policy.decide(state, event, random);
        if (decision.do !== "send") return decision;
        const { resetSession: _, ...send } = decision;
        return { ...send, deadlineMs: undefined };
      },
    };
    fc.assert(
      fc.property(scenario, fc.nat(), (drawn, seed) => {
        const audit = new Audit(drawn, { hedges });
        const end = simulate({
          scenario: drawn,
          policy: plain,
          policyOf: () => plain,
          seed,
          trace: audit,
        });
        audit.end();
        expect(audit.complaints).toEqual([]);
        expect(end).toMatchObject({
          attempts: audit.attempts,
          retries: audit.retries,
          hedges: audit.hedges,
        });
        expect(audit.requests).toBe(audit.attempts + audit.furtherRequests);
      }),
      { numRuns: 80, seed: 2 },
    );
  });
});
