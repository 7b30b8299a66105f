/** Storms for fast-check to search: for each law, the kind in which it could break. */
import fc from "fast-check";
import { defineScenario, SCENARIO_DEFAULTS, type Scenario } from "../../src/scenario.ts";
import type { Storm } from "../../src/vet/index.ts";

/** The grain of time: 1 ms where the MSW lane runs the storm too. */
export type TickUs = 1 | 1000;

const seed = fc.nat({ max: 999 });
const oneOf = <T>(...values: readonly T[]) => fc.constantFrom(...values);

const load = fc.oneof(
  fc.record({
    kind: fc.constant("open" as const),
    arrivals: fc.tuple(
      fc.record({ fromMs: fc.constant(0), perSecond: fc.integer({ min: 1, max: 40 }) }),
    ),
  }),
  fc.record({
    kind: fc.constant("herd" as const),
    fromMs: fc.constant(0),
    overMs: oneOf(0, 500),
  }),
  fc.record({ kind: fc.constant("closed" as const), thinkMs: fc.integer({ min: 50, max: 1000 }) }),
);

const fault = fc
  .tuple(
    oneOf(
      { kind: "outage" as const },
      { kind: "partial" as const, share: 1, status: 503 },
      { kind: "partial" as const, share: 0.5, status: 500 },
      { kind: "slowdown" as const, factor: 10 },
    ),
    fc.integer({ min: 0, max: 30 }),
    fc.integer({ min: 1, max: 40 }),
  )
  .map(([what, from, lasts]) => ({ ...what, fromMs: from * 100, untilMs: (from + lasts) * 100 }));

const rejection = fc.record({
  status: oneOf(503, 429),
  retryAfterMs: oneOf(undefined, 1_000, 2_000, 90_000),
  costMs: oneOf(0, 5),
});

const server = fc.record({
  workers: fc.tuple(fc.record({ fromMs: fc.constant(0), workers: fc.integer({ min: 1, max: 3 }) })),
  service: fc.record({
    distribution: oneOf("exponential" as const, "deterministic" as const),
    meanMs: oneOf(10, 40, 100),
  }),
  queue: fc.record({ places: oneOf(0, 3, 50), order: oneOf("fifo" as const, "lifo" as const) }),
  rejection,
});

const resetFlag = fc
  .tuple(fc.integer({ min: 0, max: 40 }), fc.boolean())
  .map(([at, value]) => ({ atMs: at * 100, name: "automatic-session-reset", value }));

const intervalFlag = fc
  .tuple(fc.integer({ min: 0, max: 40 }), oneOf(100, 700, 2_000))
  .map(([at, value]) => ({ atMs: at * 100, name: "sessionResetIntervalMs", value }));

interface SmallOptions {
  readonly tickUs: TickUs;
  /** Whether flags change the interval of session resets; a claim is made for one interval. */
  readonly changesInterval: boolean;
}

/** A few clients, a few seconds, any trouble: for the laws about decisions. */
export function smallStorms({ tickUs, changesInterval }: SmallOptions): fc.Arbitrary<Storm> {
  const flag = changesInterval ? fc.oneof(resetFlag, intervalFlag) : resetFlag;
  return fc
    .record({
      seed,
      count: fc.integer({ min: 1, max: 6 }),
      timeoutMs: oneOf(1_000, 200),
      deadlineMs: oneOf(undefined, 3_000, 700),
      runMs: fc.integer({ min: 1, max: 50 }).map((tenths) => tenths * 100),
      patienceMs: oneOf(1_000, 4_000),
      load,
      server,
      faults: fc.array(fault, { maxLength: 2 }),
      flags: fc.array(flag, { maxLength: 3 }),
    })
    .map(({ seed, count, timeoutMs, deadlineMs, ...rest }) =>
      storm(seed, {
        ...rest,
        runMs: rest.load.kind === "herd" ? rest.load.overMs + rest.runMs : rest.runMs,
        tickUs,
        clients: { count, timeoutMs, deadlineMs },
      }),
    );
}

/** Everybody calls at once and everybody fails: for the law about spread. */
export function herds(tickUs: TickUs, clientsMax: number): fc.Arbitrary<Storm> {
  const trouble = oneOf(
    { faults: [{ kind: "partial" as const, fromMs: 0, untilMs: 60_000, share: 1, status: 503 }] },
    { faults: [{ kind: "outage" as const, fromMs: 0, untilMs: 60_000 }] },
    { rejection: { status: 503, costMs: 0 } },
    { rejection: { status: 503, retryAfterMs: 2_000, costMs: 0 } },
    { rejection: { status: 429, retryAfterMs: 10_000, costMs: 0 } },
  );
  return fc
    .record({ seed, count: fc.integer({ min: 120, max: clientsMax }), trouble })
    .map(({ seed, count, trouble: { faults = [], rejection = noHint } }) =>
      storm(seed, {
        tickUs,
        runMs: 100,
        patienceMs: 30_000,
        clients: { count, timeoutMs: 1_000 },
        load: { kind: "herd", fromMs: 0, overMs: 0 },
        server: { ...slowServer, rejection },
        faults,
      }),
    );
}

/** Clients that retry without rest while their session may not be reset, and then may. */
export function flips(tickUs: TickUs): fc.Arbitrary<Storm> {
  return fc
    .record({ seed, count: fc.integer({ min: 120, max: 150 }), on: fc.integer({ min: 1, max: 5 }) })
    .map(({ seed, count, on }) =>
      storm(seed, {
        tickUs,
        runMs: 100,
        patienceMs: 4_000,
        clients: { count, timeoutMs: 1_000 },
        load: { kind: "herd", fromMs: 0, overMs: 0 },
        server: slowServer,
        faults: [{ kind: "partial", fromMs: 0, untilMs: 60_000, share: 1, status: 503 }],
        flags: [
          { atMs: 0, name: "automatic-session-reset", value: false },
          { atMs: on * 100, name: "automatic-session-reset", value: true },
        ],
      }),
    );
}

/** A healthy server, a trigger, and time to recover: for the law about debt. */
export function triggers(tickUs: TickUs): fc.Arbitrary<Storm> {
  return fc
    .record({
      seed,
      meanMs: oneOf(100, 150, 200),
      workers: oneOf(10, 15),
      loadShare: fc.integer({ min: 50, max: 100 }),
      debtSeconds: fc.integer({ min: 1, max: 20 }),
      timeouts: oneOf(10, 15),
      queueTimeouts: oneOf(0.2, 1, 5),
      order: oneOf("fifo" as const, "lifo" as const),
      lastsMs: oneOf(1_000, 3_000, 8_000),
      what: oneOf("outage" as const, "slowdown" as const, "partial" as const),
    })
    .map((draw) => {
      const capacity = (draw.workers * 1000) / draw.meanMs;
      const perSecond = Math.max(40, ((draw.loadShare / 100) * 0.9 * capacity) / 1.1);
      const spare = capacity - 1.1 * perSecond;
      const timeoutMs = draw.timeouts * draw.meanMs;
      const during = { fromMs: 5_000, untilMs: 5_000 + draw.lastsMs };
      return storm(draw.seed, {
        tickUs,
        runMs: 70_000,
        warmUpMs: 1_000,
        patienceMs: 5 * timeoutMs,
        clients: { count: Math.max(1, Math.floor((draw.debtSeconds * spare) / 12.5)), timeoutMs },
        load: { kind: "open", arrivals: [{ fromMs: 0, perSecond }] },
        server: {
          workers: [{ fromMs: 0, workers: draw.workers }],
          service: { distribution: "exponential", meanMs: draw.meanMs },
          queue: {
            places: Math.floor((draw.queueTimeouts * timeoutMs * capacity) / 1000),
            order: draw.order,
          },
          rejection: noHint,
        },
        faults: [
          draw.what === "outage"
            ? { kind: "outage", ...during }
            : draw.what === "slowdown"
              ? { kind: "slowdown", factor: 5, ...during }
              : { kind: "partial", share: 0.9, status: 503, ...during },
        ],
        trigger: during,
      });
    });
}

/** The same load for a while, from half to twice the capacity: for the law about cost. */
export function steadyLoads(tickUs: TickUs): fc.Arbitrary<Storm> {
  return fc
    .record({
      seed,
      count: fc.integer({ min: 1, max: 5 }),
      loadShare: fc.integer({ min: 50, max: 200 }),
      queueTimeouts: oneOf(0.1, 0.5, 3),
      order: oneOf("fifo" as const, "lifo" as const),
      costMs: oneOf(0, 10),
      lost: oneOf(0, 0.02, 0.3),
    })
    .map((draw) =>
      storm(draw.seed, {
        tickUs,
        runMs: 40_000,
        warmUpMs: 15_000,
        patienceMs: 3_000,
        clients: { count: draw.count, timeoutMs: 600 },
        load: { kind: "open", arrivals: [{ fromMs: 0, perSecond: draw.loadShare }] },
        server: {
          workers: [{ fromMs: 0, workers: 5 }],
          service: { distribution: "exponential", meanMs: 50 },
          queue: { places: Math.floor(draw.queueTimeouts * 60), order: draw.order },
          rejection: { status: 503, costMs: draw.costMs },
        },
        faults:
          draw.lost === 0
            ? []
            : [{ kind: "partial", fromMs: 0, untilMs: 60_000, share: draw.lost, status: 500 }],
      }),
    );
}

/** A trigger for the MSW lane, which has a thousand times less to spend: one worker count, one queue. */
export function smallTriggers(tickUs: TickUs): fc.Arbitrary<Storm> {
  const during = { fromMs: 3_000, untilMs: 6_000 };
  return seed.map((seed) =>
    storm(seed, {
      tickUs,
      runMs: 22_000,
      patienceMs: 5_000,
      clients: { count: 2, timeoutMs: 1_000 },
      load: { kind: "open", arrivals: [{ fromMs: 0, perSecond: 60 }] },
      server: {
        workers: [{ fromMs: 0, workers: 10 }],
        service: { distribution: "exponential", meanMs: 100 },
        queue: { places: 500, order: "fifo" },
        rejection: noHint,
      },
      faults: [{ kind: "slowdown", factor: 4, ...during }],
      trigger: during,
    }),
  );
}

/** Steady overload for the MSW lane, where saying no costs time. */
export function steadyTrickles(tickUs: TickUs): fc.Arbitrary<Storm> {
  return seed.map((seed) =>
    storm(seed, {
      tickUs,
      runMs: 20_000,
      warmUpMs: 5_000,
      patienceMs: 3_000,
      clients: { count: 1, timeoutMs: 600 },
      load: { kind: "open", arrivals: [{ fromMs: 0, perSecond: 60 }] },
      server: {
        workers: [{ fromMs: 0, workers: 2 }],
        service: { distribution: "exponential", meanMs: 50 },
        queue: { places: 4, order: "fifo" },
        rejection: { status: 503, costMs: 10 },
      },
    }),
  );
}

/** Rare failures at half the capacity: for the law that forbids doing nothing. */
export function rareFailures(
  tickUs: TickUs,
  callsTotal: number,
  shares: readonly number[] = [0.05, 0.02, 0.01, 0.005],
): fc.Arbitrary<Storm> {
  return fc
    .record({
      seed,
      share: oneOf(...shares),
      // Six are too few to fill a jar, and enough to empty it.
      callsPerClient: oneOf(1, 1_000, 6),
    })
    .map(({ seed, share, callsPerClient }) =>
      storm(seed, {
        tickUs,
        runMs: callsTotal * 2,
        clients: { count: Math.max(1, Math.round(callsTotal / callsPerClient)), timeoutMs: 1_000 },
        load: { kind: "open", arrivals: [{ fromMs: 0, perSecond: 500 }] },
        faults: [{ kind: "partial", fromMs: 0, untilMs: 1e7, share, status: 500 }],
      }),
    );
}

const noHint = { status: 503, costMs: 0 };
const slowServer = {
  workers: [{ fromMs: 0, workers: 1 }],
  service: { distribution: "deterministic" as const, meanMs: 1_000 },
  queue: { places: 0, order: "fifo" as const },
  rejection: noHint,
};

function storm(seed: number, scenario: Partial<Scenario>): Storm {
  const base = { ...SCENARIO_DEFAULTS, name: "storm", shows: "a generated storm" };
  return { seed, scenario: defineScenario({ ...base, ...scenario }) };
}
