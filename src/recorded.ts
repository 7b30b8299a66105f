import type { Numbers } from "./scenario/numbers-schema.ts";

/** How many of some times, which are in order, are in a window; its end is outside. */
export function countBetween(timesMs: Numbers, fromMs: number, untilMs: number): number {
  return countBefore(timesMs, untilMs) - countBefore(timesMs, fromMs);
}

function countBefore(timesMs: Numbers, beforeMs: number): number {
  let [low, high] = [0, timesMs.length];
  while (low < high) {
    const middle = (low + high) >>> 1;
    if (timesMs[middle] < beforeMs) low = middle + 1;
    else high = middle;
  }
  return low;
}
