/**
 * Small scenarios of every kind, for properties that hold in all of them: about 20 calls each, on the
 * tick that the simulator and the MSW lane share.
 */
import fc from "fast-check";
import { defineScenario, type Scenario } from "../src/scenario.ts";

const CALLS = 20;
const CLIENTS_MIN = 2;

/** Mostly whole milliseconds; the rest must be rounded to ticks in both worlds alike. */
function ms(min: number, max: number): fc.Arbitrary<number> {
  const whole = fc.integer({ min, max });
  const fraction = fc.integer({ min: min * 10, max: max * 10 }).map((tenths) => tenths / 10);
  return fc.oneof({ weight: 4, arbitrary: whole }, { weight: 1, arbitrary: fraction });
}

function steps<T>(runMs: number, step: fc.Arbitrary<T>): fc.Arbitrary<(T & { fromMs: number })[]> {
  const later = fc.uniqueArray(ms(1, runMs), { maxLength: 2 });
  return later.chain((times) => {
    const fromMs = [0, ...times.toSorted((a, b) => a - b)];
    return fc
      .array(step, { minLength: fromMs.length, maxLength: fromMs.length })
      .map((values) => values.map((value, index) => ({ ...value, fromMs: fromMs[index] })));
  });
}

function load(runMs: number): fc.Arbitrary<Scenario["load"]> {
  const mean = (CALLS * 1000) / runMs;
  const perSecond = fc.double({ min: mean / 4, max: mean * 2, noNaN: true });
  const rate = fc.record(
    { perSecond, rampToPerSecond: perSecond },
    { requiredKeys: ["perSecond"] },
  );
  return fc.oneof(
    steps(runMs, rate).map((arrivals) => ({ kind: "open" as const, arrivals })),
    ms(Math.ceil(runMs / 10), Math.ceil(runMs / 3)).map((thinkMs) => ({
      kind: "closed" as const,
      thinkMs,
    })),
    ms(Math.ceil(runMs / 10), Math.ceil(runMs / 3)).map((everyMs) => ({
      kind: "poll" as const,
      everyMs,
    })),
    fc.record({ kind: fc.constant("herd" as const), fromMs: ms(0, 50), overMs: ms(0, 50) }),
    recorded(runMs),
  );
}

/** Some of one time, some after the run. */
function recorded(runMs: number): fc.Arbitrary<Scenario["load"]> {
  const first = ms(0, runMs - 1);
  const later = fc.array(ms(0, runMs + 50), { maxLength: CALLS });
  const client = fc.integer({ min: 0, max: CLIENTS_MIN - 1 });
  return fc
    .tuple(first, later, fc.option(fc.infiniteStream(client)))
    .map(([first, later, clients]) => {
      const atMs = [first, first, ...later].toSorted((a, b) => a - b);
      return {
        kind: "recorded" as const,
        atMs,
        ...(clients === null ? {} : { clients: [...clients.take(atMs.length)] }),
      };
    });
}

const meanMs = fc.oneof(ms(1, 80), fc.constant(0));
const service: fc.Arbitrary<Scenario["server"]["service"]> = fc.oneof(
  fc.record({ distribution: fc.constant("deterministic" as const), meanMs }),
  fc.record({ distribution: fc.constant("exponential" as const), meanMs }),
  fc.record({
    distribution: fc.constant("lognormal" as const),
    meanMs: ms(1, 80),
    sigma: fc.constantFrom(0.5, 1, 2),
  }),
  fc.record({
    distribution: fc.constant("bimodal" as const),
    meanMs,
    slowShare: fc.constantFrom(0.1, 0.5),
    slowFactor: fc.constantFrom(5, 20),
  }),
  fc.record({
    distribution: fc.constant("recorded" as const),
    serviceMs: fc.array(ms(1, 80), { minLength: 1, maxLength: 10 }),
    meanMs,
  }),
);

/** 508 and 413 without a hint are fatal, the others are worth another try. */
const status = fc.constantFrom(503, 503, 503, 429, 413, 500, 502, 508);

const retryAfterMs = fc.constantFrom(0, 1000, 2000);
const rejection = fc.record(
  { status, retryAfterMs, costMs: fc.oneof(fc.constant(0), ms(1, 20)) },
  { requiredKeys: ["status", "costMs"] },
);

const line = {
  places: fc.integer({ min: 0, max: 8 }),
  codel: fc.record({ targetMs: ms(0, 10), intervalMs: ms(10, 60) }),
  dropsExpired: fc.constant(true),
};
const queue: fc.Arbitrary<Scenario["server"]["queue"]> = fc.oneof(
  fc.record(
    { order: fc.constantFrom("fifo" as const, "lifo" as const), ...line },
    { requiredKeys: ["order", "places"] },
  ),
  fc.record(
    {
      order: fc.constant("adaptive-lifo" as const),
      lifoAbove: fc.integer({ min: 0, max: 2 }),
      ...line,
    },
    { requiredKeys: ["order", "lifoAbove", "places"] },
  ),
);

type Gate = NonNullable<Scenario["server"]["admission"]>[number];
type Cap = NonNullable<Scenario["server"]["rateCap"]>[number];
type Unplanned<T> = T extends unknown ? Omit<T, "fromMs"> : never;

const gate: fc.Arbitrary<Unplanned<Gate>> = fc.oneof(
  fc.constant({ gate: "open" as const }),
  fc.constant({ gate: "drop" as const }),
  fc.record({ gate: fc.constant("closed" as const), rejection }, { requiredKeys: ["gate"] }),
  fc.record(
    {
      gate: fc.constantFrom("share-of-requests" as const, "share-of-clients" as const),
      share: fc.constantFrom(0.3, 0.7),
      rejection,
    },
    { requiredKeys: ["gate", "share"] },
  ),
);

const cap: fc.Arbitrary<Unplanned<Cap>> = fc.oneof(
  fc.constant({ of: "nobody" as const }),
  fc.record(
    {
      of: fc.constantFrom("server" as const, "client" as const),
      perSecond: fc.constantFrom(3, 20),
      burst: fc.constantFrom(1, 3),
      rejection,
    },
    { requiredKeys: ["of", "perSecond", "burst"] },
  ),
);

/** Each of the optional ones in a third of the scenarios, so that all of them meet one another. */
function server(runMs: number): fc.Arbitrary<Scenario["server"]> {
  const seldom = <T>(arbitrary: fc.Arbitrary<T>) =>
    fc.oneof({ weight: 2, arbitrary: fc.constant(undefined) }, { weight: 1, arbitrary });
  return fc.record({
    workers: steps(runMs, fc.record({ workers: fc.constantFrom(1, 1, 1, 2, 3, 0) })),
    service,
    scalability: seldom(
      fc.record({ contention: fc.constantFrom(0, 0.2), coherency: fc.constantFrom(0, 0.3) }),
    ),
    queue,
    admission: seldom(steps(runMs, gate)),
    rateCap: seldom(steps(runMs, cap)),
    rejection,
  });
}

function fault(runMs: number): fc.Arbitrary<Scenario["faults"][number]> {
  const during = fc
    .tuple(ms(0, runMs), ms(1, runMs))
    .map(([fromMs, lastsMs]) => ({ fromMs, untilMs: fromMs + lastsMs }));
  const kind = fc.oneof(
    fc.constant({ kind: "outage" as const }),
    fc.record({ kind: fc.constant("slowdown" as const), factor: fc.constantFrom(1.5, 3, 10) }),
    fc.record(
      {
        kind: fc.constant("partial" as const),
        share: fc.constantFrom(0.2, 0.5, 1),
        of: fc.constantFrom("requests" as const, "calls" as const, "clients" as const),
        status,
        retryAfterMs,
      },
      { requiredKeys: ["kind", "share", "status"] },
    ),
    fc.record({ kind: fc.constant("loss" as const), share: fc.constantFrom(0.2, 0.6) }),
  );
  return fc.tuple(kind, during).map(([what, when]) => ({ ...what, ...when }));
}

function flag(endMs: number): fc.Arbitrary<Scenario["flags"][number]> {
  const atMs = ms(0, endMs);
  return fc.oneof(
    fc.record({
      atMs,
      name: fc.constantFrom("automatic-session-reset", "automatic-retries"),
      value: fc.boolean(),
    }),
    fc.record({
      atMs,
      name: fc.constant("sessionResetIntervalMs"),
      value: fc.constantFrom(0, 50, 200),
    }),
    fc.record({ atMs, name: fc.constant("retryDelayMaxMs"), value: fc.constantFrom(0, 30, 900) }),
    fc.record({ atMs, name: fc.constant("retryBudgetRatio"), value: fc.constantFrom(0, 0.05, 2) }),
  );
}

/** Ends at the wait that the cap sets, and at budgets that a few calls empty. */
const retry: fc.Arbitrary<Scenario["retry"]> = fc.record({
  attemptsMax: fc.constantFrom(2, 3, 4, null),
  delayBaseMs: ms(1, 60),
  delayMaxMs: ms(60, 400),
  budgetRatio: fc.constantFrom(0, 0.1, 1),
  budgetTokensMax: fc.constantFrom(1, 3, 10),
});

export function scenarios(): fc.Arbitrary<Scenario> {
  return fc
    .record({
      runMs: fc.integer({ min: 100, max: 800 }),
      // Now and then long enough for a retry after a Retry-After of a second or two.
      patienceMs: fc.oneof(
        { arbitrary: fc.integer({ min: 50, max: 600 }), weight: 3 },
        { arbitrary: fc.integer({ min: 2_500, max: 4_000 }), weight: 1 },
      ),
    })
    .chain(({ runMs, patienceMs }) =>
      fc.record({
        name: fc.constant("generated"),
        shows: fc.constant("that both worlds agree"),
        runMs: fc.constant(runMs),
        patienceMs: fc.constant(patienceMs),
        tickUs: fc.constant(1000),
        clients: fc.record(
          {
            count: fc.integer({ min: CLIENTS_MIN, max: 8 }),
            timeoutMs: ms(15, 200),
            deadlineMs: ms(50, 800),
            flagsRefreshMs: fc.oneof(fc.constant(1), ms(50, 400)),
          },
          { requiredKeys: ["count", "timeoutMs"] },
        ),
        retry,
        load: load(runMs),
        networkMs: ms(1, 12),
        server: server(runMs),
        faults: fc.array(fault(runMs), { maxLength: 2 }),
        flags: fc.array(flag(runMs + patienceMs), { maxLength: 4 }),
        sessionReset: fc.record({ requests: fc.integer({ min: 0, max: 3 }) }),
      }),
    )
    .map(defineScenario);
}
