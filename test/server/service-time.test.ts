import { describe, expect, test } from "vitest";
import { KeyedRandom } from "../../src/random.ts";
import type { ServiceSpec } from "../../src/scenario.ts";
import { serviceTime } from "../../src/server/service-time.ts";

const COUNT = 40_000;

/** Service times in milliseconds of so many clients' first attempts. */
function drawn(spec: ServiceSpec, seed: number): number[] {
  const random = new KeyedRandom(seed, "service");
  const draw = serviceTime(spec);
  return Array.from({ length: COUNT }, (_, client) => draw(random, client, 1, 1, 0) / 1000);
}

const mean = (values: readonly number[]) => values.reduce((sum, v) => sum + v, 0) / values.length;

function expectMean(values: readonly number[], truth: number, deviation: number): void {
  expect(Math.abs(mean(values) - truth)).toBeLessThan((4.5 * deviation) / Math.sqrt(values.length));
}

/** Shares at or below the deciles are 10 %, 20 %, …, within 4.5 standard deviations. */
function expectDeciles(values: readonly number[], quantile: (share: number) => number): void {
  for (let tenth = 1; tenth <= 9; tenth++) {
    const share = tenth / 10;
    const below = values.filter((value) => value <= quantile(share)).length;
    const sigma = Math.sqrt(COUNT * share * (1 - share));
    expect(Math.abs(below - COUNT * share)).toBeLessThan(4.5 * sigma);
  }
}

describe.each([1, 2, 3])("service times at seed %d", (seed) => {
  test("deterministic: always the mean", () => {
    const values = drawn({ distribution: "deterministic", meanMs: 20 }, seed);
    expect(new Set(values)).toEqual(new Set([20]));
  });

  test("exponential: mean, deviation and deciles", () => {
    const values = drawn({ distribution: "exponential", meanMs: 20 }, seed);
    expectMean(values, 20, 20);
    expectMean(
      values.map((value) => value ** 2),
      800,
      Math.sqrt(24 - 4) * 400,
    );
    expectDeciles(values, (share) => -20 * Math.log(1 - share));
  });

  test("lognormal: `meanMs` is the mean, `sigma` the deviation of the logarithm", () => {
    const sigma = 0.8;
    const values = drawn({ distribution: "lognormal", meanMs: 20, sigma }, seed);
    expectMean(values, 20, 20 * Math.sqrt(Math.exp(sigma ** 2) - 1));
    const mu = Math.log(20) - sigma ** 2 / 2;
    const logs = values.map(Math.log);
    expectMean(logs, mu, sigma);
    expectMean(
      logs.map((log) => (log - mu) ** 2),
      sigma ** 2,
      Math.sqrt(2) * sigma ** 2,
    );
    // Deciles of the standard normal distribution.
    const z = [-1.2816, -0.8416, -0.5244, -0.2533, 0, 0.2533, 0.5244, 0.8416, 1.2816];
    expectDeciles(values, (share) => Math.exp(mu + sigma * z[Math.round(share * 10) - 1]));
  });

  test("bimodal: two times only, the slow one for its share of the requests, and `meanMs` on average", () => {
    const slow = { slowShare: 0.1, slowFactor: 31 };
    const values = drawn({ distribution: "bimodal", meanMs: 20, ...slow }, seed);
    // 0.9 · 5 + 0.1 · 155 = 20.
    expect(new Set(values)).toEqual(new Set([5, 155]));
    expectMean(values, 20, Math.sqrt(0.1 * 0.9) * 150);
    const count = values.filter((value) => value === 155).length;
    expect(Math.abs(count - 0.1 * COUNT) / Math.sqrt(COUNT * 0.1 * 0.9)).toBeLessThan(4.5);
  });

  test("recorded: each of the times as often as it was recorded, and no other", () => {
    const serviceMs = [5, 10, 10, 400];
    const values = drawn({ distribution: "recorded", serviceMs, meanMs: 106.25 }, seed);
    expect(new Set(values)).toEqual(new Set(serviceMs));
    const sigma = (share: number) => Math.sqrt(COUNT * share * (1 - share));
    for (const [timeMs, share] of [
      [5, 0.25],
      [10, 0.5],
      [400, 0.25],
    ]) {
      const count = values.filter((value) => value === timeMs).length;
      expect(Math.abs(count - share * COUNT)).toBeLessThan(4.5 * sigma(share));
    }
  });

  test("recorded: scaled to another mean", () => {
    const values = drawn({ distribution: "recorded", serviceMs: [10, 30], meanMs: 5 }, seed);
    expect(new Set(values)).toEqual(new Set([2.5, 7.5]));
  });
});

test("a request's service time is its own: by client, call, attempt and part", () => {
  const random = new KeyedRandom(1, "service");
  const draw = serviceTime({ distribution: "lognormal", meanMs: 20, sigma: 1 });
  const first = draw(random, 1, 1, 1, 0);
  const others = [
    draw(random, 2, 1, 1, 0),
    draw(random, 1, 2, 1, 0),
    draw(random, 1, 1, 2, 0),
    draw(random, 1, 1, 1, 1),
  ];
  expect(new Set([first, ...others]).size).toBe(5);
  expect(draw(random, 1, 1, 1, 0)).toBe(first);
});

test("so is a recorded one: what others draw before it does not change it", () => {
  const random = new KeyedRandom(1, "service");
  const serviceMs = Array.from({ length: 1_000 }, (_, index) => index);
  const draw = serviceTime({ distribution: "recorded", serviceMs, meanMs: 499.5 });
  const clients = Array.from({ length: 100 }, (_, client) => client);
  const inOrder = clients.map((client) => draw(random, client, 1, 1, 0));
  const inReverse = clients.toReversed().map((client) => draw(random, client, 1, 1, 0));
  expect(inReverse.toReversed()).toEqual(inOrder);
  expect(new Set(inOrder).size).toBeGreaterThan(80);
});
