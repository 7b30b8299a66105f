import { expect, test } from "vitest";
import { roundUpToTick } from "../../src/ticks.ts";

test.each([
  [16.1 * 1000, 1, 16_100],
  [16_100.2, 1, 16_101],
  [1_000, 1_000, 1_000],
  [1_001, 1_000, 2_000],
  [0, 1, 0],
  [Infinity, 1_000, Infinity],
])("%d µs in ticks of %d µs are %d µs", (us, tickUs, rounded) => {
  expect(roundUpToTick(us, tickUs)).toBe(rounded);
});
