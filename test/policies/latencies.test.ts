import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { Latencies } from "../../policies/latencies.ts";

const ABOVE = 2 ** (1 / 3) + 1e-9;

function remember(latenciesMs: Iterable<number>, countMax = Infinity) {
  const latencies = new Latencies("test", countMax);
  const state = { ...latencies.own };
  for (const latencyMs of latenciesMs) latencies.add(state, latencyMs);
  return { latencies, state };
}

describe("remembered latencies", () => {
  test("give each quantile, or up to 26 % more, from 1 ms to a minute", () => {
    const ms = fc.double({ min: 1, max: 65_536, noNaN: true });
    const share = fc.double({ min: 0.01, max: 0.99, noNaN: true });
    fc.assert(
      fc.property(fc.array(ms, { minLength: 1, maxLength: 200 }), share, (latenciesMs, share) => {
        const { latencies, state } = remember(latenciesMs);
        const quantileMs = latencies.quantileMs(state, share);
        const shorter = latenciesMs.filter((each) => each <= quantileMs).length;
        expect(shorter).toBeGreaterThanOrEqual(share * latenciesMs.length - 1e-9);
        const sorted = latenciesMs.toSorted((a, b) => a - b);
        const exactMs = sorted[Math.max(0, Math.ceil(share * sorted.length - 1e-9) - 1)];
        expect(quantileMs).toBeLessThanOrEqual(exactMs * ABOVE);
      }),
      { seed: 1 },
    );
  });

  test("that are shorter than 1 ms count as 1 ms", () => {
    const { latencies, state } = remember([0, 0.001, 0.5, 1]);
    expect(latencies.quantileMs(state, 0.99)).toBe(1);
  });

  test("are finite numbers whatever was added: negative, none, huge", () => {
    const any = fc.oneof(
      fc.double({ noNaN: true }),
      fc.constantFrom(0, -0, -1e-300, -50_000, 5e-324, 1e308, Infinity, -Infinity),
    );
    fc.assert(
      fc.property(fc.array(any, { maxLength: 50 }), (latenciesMs) => {
        const { latencies, state } = remember(latenciesMs, 20);
        expect(Object.keys(state)).toEqual(Object.keys(latencies.own));
        expect(Object.values(state).every(Number.isFinite)).toBe(true);
      }),
      { seed: 1 },
    );
  });

  test("know of the endless only that they are longer than all others", () => {
    const { latencies, state } = remember([10, 10, 10, Infinity]);
    expect(latencies.quantileMs(state, 0.75)).toBeCloseTo(10.08, 2);
    expect(latencies.quantileMs(state, 0.76)).toBe(Infinity);
    expect(remember([1e9]).latencies.quantileMs(remember([1e9]).state, 0.5)).toBe(Infinity);
  });

  test("fade: what is new soon outweighs what is old", () => {
    const { latencies, state } = remember([...Array(1_000).fill(500), ...Array(300).fill(8)], 100);
    expect(latencies.count(state)).toBeLessThan(100);
    expect(latencies.quantileMs(state, 0.95)).toBe(8);
  });
});
