import { describe, expect, test } from "vitest";
import { Load } from "../../src/load.ts";
import { defineScenario, type LoadSpec, type ScenarioInput } from "../../src/scenario.ts";

interface Arrival {
  readonly atMs: number;
  readonly client: number;
  readonly call: number;
}

function loadOf(load: LoadSpec, seed = 1, more: Partial<ScenarioInput> = {}): Load {
  const base = { name: "load", shows: "When calls begin.", runMs: 100_000 };
  return new Load(defineScenario({ ...base, load, ...more }), seed);
}

/** All calls of the run; each is over `lastsMs` after it began. */
function arrivalsOf(load: Load, lastsMs = 0): Arrival[] {
  const arrivals: Arrival[] = [];
  while (load.nextAtUs() < Infinity) {
    const atUs = load.nextAtUs();
    const client = load.take();
    const call = load.newestOf(client);
    arrivals.push({ atMs: atUs / 1000, client, call });
    load.callEnded(atUs + lastsMs * 1000, client, call, atUs);
  }
  return arrivals;
}

const open = (...arrivals: { fromMs: number; perSecond: number; rampToPerSecond?: number }[]) => ({
  kind: "open" as const,
  arrivals,
});
const between = (arrivals: readonly Arrival[], fromMs: number, toMs: number) =>
  arrivals.filter(({ atMs }) => fromMs <= atMs && atMs < toMs).length;
const SEEDS = [1, 2, 3, 4];

/** A Poisson count is within 4.5 standard deviations of its mean. */
function expectPoisson(count: number, mean: number): void {
  expect(Math.abs(count - mean) / Math.sqrt(mean)).toBeLessThan(4.5);
}

describe("open load", () => {
  test("has the given rate, and as much variance as a Poisson process", () => {
    for (const seed of SEEDS) {
      const arrivals = arrivalsOf(loadOf(open({ fromMs: 0, perSecond: 500 }), seed));
      expectPoisson(arrivals.length, 50_000);
      const counts = new Float64Array(1_000);
      for (const { atMs } of arrivals) counts[Math.floor(atMs / 100)]++;
      const mean = 50;
      const variance = counts.reduce((sum, n) => sum + (n - mean) ** 2, 0) / counts.length;
      // The variance of 1,000 windows' variance is about 2/1,000 of its square.
      expect(Math.abs(variance / mean - 1)).toBeLessThan(4.5 * Math.sqrt(2 / 1_000));
    }
  });

  test("spikes: each step's rate holds from its moment to the next", () => {
    const load = open(
      { fromMs: 0, perSecond: 100 },
      { fromMs: 20_000, perSecond: 2_000 },
      { fromMs: 30_000, perSecond: 0 },
      { fromMs: 50_000, perSecond: 100 },
    );
    for (const seed of SEEDS) {
      const arrivals = arrivalsOf(loadOf(load, seed));
      expectPoisson(between(arrivals, 0, 20_000), 2_000);
      expectPoisson(between(arrivals, 20_000, 30_000), 20_000);
      expect(between(arrivals, 30_000, 50_000)).toBe(0);
      expectPoisson(between(arrivals, 50_000, 100_000), 5_000);
    }
  });

  test("ramps up and down in a straight line", () => {
    const load = open(
      { fromMs: 0, perSecond: 0, rampToPerSecond: 1_000 },
      { fromMs: 40_000, perSecond: 1_000, rampToPerSecond: 0 },
      { fromMs: 80_000, perSecond: 0 },
    );
    for (const seed of SEEDS) {
      const arrivals = arrivalsOf(loadOf(load, seed));
      for (let fromMs = 0; fromMs < 40_000; fromMs += 10_000) {
        const mean = (fromMs + 5_000) / 4;
        expectPoisson(between(arrivals, fromMs, fromMs + 10_000), mean);
        expectPoisson(between(arrivals, 70_000 - fromMs, 80_000 - fromMs), mean);
      }
      expect(between(arrivals, 80_000, 100_000)).toBe(0);
    }
  });

  test("ramps in its last step until the end of the run", () => {
    const up = arrivalsOf(loadOf(open({ fromMs: 0, perSecond: 0, rampToPerSecond: 1_000 })));
    const down = arrivalsOf(loadOf(open({ fromMs: 0, perSecond: 1_000, rampToPerSecond: 0 })));
    for (let fromMs = 0; fromMs < 100_000; fromMs += 10_000) {
      const mean = (fromMs + 5_000) / 10;
      expectPoisson(between(up, fromMs, fromMs + 10_000), mean);
      expectPoisson(between(down, 90_000 - fromMs, 100_000 - fromMs), mean);
    }
  });

  test("gives each client its share, and numbers its calls from 1", () => {
    const clients = { count: 10, timeoutMs: 1_000 };
    const arrivals = arrivalsOf(loadOf(open({ fromMs: 0, perSecond: 500 }), 1, { clients }));
    for (let client = 0; client < 10; client++) {
      const calls = arrivals.filter((arrival) => arrival.client === client);
      expectPoisson(calls.length, arrivals.length / 10);
      expect(calls.map(({ call }) => call)).toEqual(calls.map((_, index) => index + 1));
    }
  });

  test("does not care how long calls last, or that they end", () => {
    const load = open({ fromMs: 0, perSecond: 200 });
    expect(arrivalsOf(loadOf(load), 5_000)).toEqual(arrivalsOf(loadOf(load), 0));
  });

  test("is another for another seed", () => {
    const load = open({ fromMs: 0, perSecond: 200 });
    expect(arrivalsOf(loadOf(load, 1))).toEqual(arrivalsOf(loadOf(load, 1)));
    expect(arrivalsOf(loadOf(load, 1))).not.toEqual(arrivalsOf(loadOf(load, 2)));
  });

  test("comes in order of time, and within a tick of client", () => {
    const load = loadOf(open({ fromMs: 0, perSecond: 5_000 }), 1, { tickUs: 1000, runMs: 10_000 });
    const arrivals = arrivalsOf(load);
    expect(arrivals.every(({ atMs }) => Number.isInteger(atMs))).toBe(true);
    expect(arrivals).toEqual(
      arrivals.toSorted((a, b) => a.atMs - b.atMs || a.client - b.client || a.call - b.call),
    );
    expect(new Set(arrivals.map(({ atMs }) => atMs)).size).toBeLessThan(arrivals.length * 0.9);
  });

  test("rounds the same moments up to the tick", () => {
    const load = open({ fromMs: 0, perSecond: 200 });
    const fine = arrivalsOf(loadOf(load, 1, { runMs: 5_000 }));
    const coarse = arrivalsOf(loadOf(load, 1, { runMs: 5_000, tickUs: 1000 }));
    const key = ({ client, call }: Arrival) => `${client} ${call}`;
    const atMs = new Map(fine.map((arrival) => [key(arrival), Math.ceil(arrival.atMs)]));
    expect(coarse.length).toBeGreaterThan(900);
    expect(coarse.map((arrival) => atMs.get(key(arrival)))).toEqual(coarse.map((a) => a.atMs));
  });
});

describe("closed load", () => {
  const clients = { count: 2_000, timeoutMs: 1_000 };
  const closed = { kind: "closed" as const, thinkMs: 5_000 };

  test("begins at a random phase: from the first moment at the rate that it keeps", () => {
    for (const seed of SEEDS) {
      const arrivals = arrivalsOf(loadOf(closed, seed, { clients, runMs: 10_000 }));
      for (let fromMs = 0; fromMs < 10_000; fromMs += 1_000) {
        expectPoisson(between(arrivals, fromMs, fromMs + 1_000), 400);
      }
    }
  });

  test("calls again an exponential think time after a call is over", () => {
    const arrivals = arrivalsOf(loadOf(closed, 1, { clients, runMs: 500_000 }), 3_000);
    const lastMs = new Map<number, number>();
    const thinksMs = arrivals.map(({ atMs, client }) => {
      const thinkMs = atMs - (lastMs.get(client) ?? -3_000) - 3_000;
      lastMs.set(client, atMs);
      return thinkMs;
    });
    const mean = thinksMs.reduce((sum, ms) => sum + ms, 0) / thinksMs.length;
    // Long thoughts are cut off at the end of the run, so the mean comes out a little low.
    expect(mean / 5_000).toBeGreaterThan(0.97);
    expect(mean / 5_000).toBeLessThan(1.005);
    expect(Math.min(...thinksMs.slice(0, 10_000))).toBeGreaterThan(0);
    const aboveMean = thinksMs.filter((ms) => ms > 5_000).length / thinksMs.length;
    expect(aboveMean).toBeCloseTo(Math.exp(-1), 1);
  });

  test("lets no client have two calls at once", () => {
    const load = loadOf(closed, 1, { clients: { count: 1, timeoutMs: 1_000 } });
    load.take();
    expect(load.nextAtUs()).toBe(Infinity);
    load.callEnded(7_000_000, 0, 1, 0);
    expect(load.nextAtUs()).toBeGreaterThan(7_000_000);
  });

  test("brings those who join in their window, each with a call, and then as the others", () => {
    const load = {
      kind: "closed",
      thinkMs: 20_000,
      joining: { clients: 1_000, fromMs: 30_000, untilMs: 40_000 },
    } as const;
    const clients = { count: 3_000, timeoutMs: 1_000 };
    const arrivals = arrivalsOf(loadOf(load, 1, { clients }));
    const joiners = arrivals.filter(({ client }) => client >= 2_000);
    const first = joiners.filter(({ call }) => call === 1);
    expect(first).toHaveLength(1_000);
    expect(first.every(({ atMs }) => 30_000 <= atMs && atMs <= 40_000)).toBe(true);
    expectPoisson(between(first, 30_000, 35_000), 500);
    expectPoisson(between(joiners, 50_000, 90_000), 2_000);
  });
});

describe("a herd", () => {
  const clients = { count: 5_000, timeoutMs: 1_000 };

  test("brings each client once, in the window", () => {
    const herd = { kind: "herd" as const, fromMs: 1_000, overMs: 4_000 };
    const arrivals = arrivalsOf(loadOf(herd, 1, { clients }));
    expect(new Set(arrivals.map(({ client }) => client)).size).toBe(5_000);
    expect(arrivals.length).toBe(5_000);
    for (let fromMs = 1_000; fromMs < 5_000; fromMs += 1_000) {
      expectPoisson(between(arrivals, fromMs, fromMs + 1_000), 1_250);
    }
    expect(between(arrivals, 1_000, 5_001)).toBe(5_000);
  });

  test("comes in order of client when it comes at once", () => {
    const arrivals = arrivalsOf(loadOf({ kind: "herd", fromMs: 70, overMs: 0 }, 1, { clients }));
    expect(arrivals).toEqual(
      Array.from({ length: 5_000 }, (_, client) => ({ atMs: 70, client, call: 1 })),
    );
  });
});

describe("a recorded load", () => {
  const atMs = [0, 3, 3, 3.0004, 7.25, 60_000, 99_999, 100_000, 200_000];

  test("begins its calls at its times, and none after the run", () => {
    const arrivals = arrivalsOf(loadOf({ kind: "recorded", atMs }));
    expect(arrivals.map((arrival) => arrival.atMs)).toEqual([0, 3, 3, 3.001, 7.25, 60_000, 99_999]);
  });

  test("is the same for every seed, but for whose calls they are", () => {
    const clients = { count: 20, timeoutMs: 1_000 };
    const even = Array.from({ length: 5_000 }, (_, index) => index * 10);
    const [one, two] = [1, 2].map((seed) =>
      arrivalsOf(loadOf({ kind: "recorded", atMs: even }, seed, { clients })),
    );
    expect(one.map((arrival) => arrival.atMs)).toEqual(even);
    expect(two.map((arrival) => arrival.atMs)).toEqual(even);
    expect(two).not.toEqual(one);
    for (let client = 0; client < 20; client++) {
      expectPoisson(one.filter((arrival) => arrival.client === client).length, 250);
    }
  });

  test("knows whose calls they are, where that is recorded: in one tick in order of client", () => {
    const clients = [4, 9, 2, 4, 4, 0, 2, 1, 1];
    expect(arrivalsOf(loadOf({ kind: "recorded", atMs, clients }))).toEqual([
      { atMs: 0, client: 4, call: 1 },
      { atMs: 3, client: 2, call: 1 },
      { atMs: 3, client: 9, call: 1 },
      { atMs: 3.001, client: 4, call: 2 },
      { atMs: 7.25, client: 4, call: 3 },
      { atMs: 60_000, client: 0, call: 1 },
      { atMs: 99_999, client: 2, call: 2 },
    ]);
  });

  test("may be a list, or come from a file in shared memory", () => {
    const shared = new Float64Array(new SharedArrayBuffer(atMs.length * 8));
    shared.set(atMs);
    expect(arrivalsOf(loadOf({ kind: "recorded", atMs: shared }))).toEqual(
      arrivalsOf(loadOf({ kind: "recorded", atMs })),
    );
  });
});

test("no call begins when the run has ended", () => {
  for (const load of [
    open({ fromMs: 0, perSecond: 3_000 }),
    { kind: "closed" as const, thinkMs: 20 },
  ]) {
    for (const tickUs of [1, 1000] as const) {
      const arrivals = arrivalsOf(loadOf(load, 1, { runMs: 1_000, tickUs }));
      expect(arrivals.length).toBeGreaterThan(2_500);
      expect(arrivals.at(-1)?.atMs).toBeLessThan(1_000);
    }
  }
});
