import { describe, expect, it } from "vitest";
import {
  holm,
  mcNemar,
  meanInterval,
  pBeyondMargin,
  wilsonInterval,
} from "../../bench/statistics.ts";

describe("Intervals", () => {
  it("of a mean are Student's: 1 to 5 is 3 ± 2.776 · √(2.5 ÷ 5)", () => {
    const { mean, low, high } = meanInterval([1, 2, 3, 4, 5]);
    expect(mean).toBe(3);
    expect(low).toBeCloseTo(3 - 2.776445 * Math.sqrt(0.5), 5);
    expect(high).toBeCloseTo(3 + 2.776445 * Math.sqrt(0.5), 5);
  });

  it("are wider at a higher confidence: t with 4 degrees of freedom is 8.610 at 99.9 %", () => {
    const { high } = meanInterval([1, 2, 3, 4, 5], 0.001);
    expect(high).toBeCloseTo(3 + 8.610302 * Math.sqrt(0.5), 5);
  });

  it("of one value are unknown, and of equal values nothing wide", () => {
    expect(meanInterval([7])).toEqual({ mean: 7, low: null, high: null });
    expect(meanInterval([0.1, 0.1, 0.1])).toEqual({ mean: 0.1, low: 0.1, high: 0.1 });
  });

  it("of a share are Wilson's: Newcombe's (1998) examples", () => {
    const rounded = (count: number, of: number) => {
      const { low, high } = wilsonInterval(count, of);
      return [low.toFixed(4), high.toFixed(4)];
    };
    expect(rounded(81, 263)).toEqual(["0.2553", "0.3662"]);
    expect(rounded(15, 148)).toEqual(["0.0624", "0.1605"]);
    expect(rounded(0, 20)).toEqual(["0.0000", "0.1611"]);
    expect(rounded(1, 29)).toEqual(["0.0061", "0.1718"]);
  });

  it("of a share reach 1 when all succeeded", () => {
    expect(wilsonInterval(20, 20)).toEqual({ low: expect.closeTo(0.8389, 4), high: 1 });
  });
});

describe("Tests of paired runs", () => {
  it("McNemar's counts the pairs that differ: 6 against 0 is 2 ÷ 2⁶", () => {
    const won = Array.from({ length: 10 }, (_, seed) => seed < 6);
    const lost = won.map(() => false);
    expect(mcNemar(won, lost)).toBeCloseTo(2 / 64, 12);
    expect(mcNemar(won, won)).toBe(1);
  });

  it("a difference beyond the margin is one whose interval excludes the margin", () => {
    const differences = [1.2, 1.5, 1.1, 1.4, 1.3];
    const { low } = meanInterval(differences);
    expect(pBeyondMargin(differences, Number(low) - 1e-9)).toBeLessThan(0.05);
    expect(pBeyondMargin(differences, Number(low) + 1e-9)).toBeGreaterThan(0.05);
    const reversed = differences.map((difference) => -difference);
    expect(pBeyondMargin(reversed, 1)).toBeCloseTo(pBeyondMargin(differences, 1), 9);
  });

  it("equal differences are sure when they exceed the margin, and a tie when they do not", () => {
    expect(pBeyondMargin([2, 2, 2], 1)).toBe(0);
    expect(pBeyondMargin([1, 1, 1], 1)).toBe(1);
  });

  it("one pair proves nothing", () => {
    expect(pBeyondMargin([100], 1)).toBe(1);
  });

  it("Holm's correction: the smallest p counts as often as there are comparisons", () => {
    const adjusted = holm([0.01, 0.04, 0.03, 0.005]);
    for (const [index, expected] of [0.03, 0.06, 0.06, 0.02].entries()) {
      expect(adjusted[index]).toBeCloseTo(expected, 12);
    }
    expect(holm([])).toEqual([]);
  });
});
