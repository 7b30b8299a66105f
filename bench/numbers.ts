/** How numbers are written for people. */
import type { Interval } from "./results-schema.ts";

const DASH = "–";
/** A year: whoever waits longer waits for ever. */
const FOREVER_MS = 31_536_000_000;
const grouping = new Intl.NumberFormat("en-US", { maximumFractionDigits: 0 });

/** 142300 as "142,300". */
export function whole(value: number): string {
  return grouping.format(value);
}

/** Of something a second; 0.5 is not 1. */
export function rate(perSecond: number): string {
  return perSecond < 10 ? String(Number(perSecond.toFixed(1))) : whole(perSecond);
}

export function seconds(ms: number): string {
  return ms < FOREVER_MS ? `${fixed(ms / 1000, 1)} s` : "∞ s";
}

/** 85.3 ms as "85 ms", 4900 ms as "4.90 s". */
export function duration(ms: number): string {
  return ms < 1000 ? `${fixed(ms, 0)} ms` : `${fixed(ms / 1000, ms < 10_000 ? 2 : 1)} s`;
}

/** "77.1 ±0.2 %" */
export function percent(interval: Interval | null, digits: number): string {
  return interval === null ? DASH : `${plusMinus(scaled(interval, 100), digits)} %`;
}

/** "1.05 ±0.01", "41.2 ±0.7" */
export function factor(interval: Interval | null): string {
  if (interval === null) return DASH;
  return plusMinus(interval, interval.mean < 10 ? 2 : 1);
}

/** "11.3 ±0.4 s" */
export function secondsInterval(interval: Interval): string {
  return `${plusMinus(scaled(interval, 1 / 1000), 1)} s`;
}

/** "−3.1 ±0.2": the sign is always told. */
export function signedPoints(interval: Interval): string {
  const text = plusMinus(scaled(interval, 100), 1);
  return interval.mean > 0 ? `+${text}` : text;
}

/** The t interval is symmetric about the mean, so half its width says it all. */
function plusMinus({ mean, low, high }: Interval, digits: number): string {
  const text = fixed(mean, digits);
  if (low === null || high === null) return text;
  return `${text} ±${fixed(Math.max(high - mean, mean - low), digits)}`;
}

function scaled({ mean, low, high }: Interval, by: number): Interval {
  return {
    mean: mean * by,
    low: low === null ? null : low * by,
    high: high === null ? null : high * by,
  };
}

function fixed(value: number, digits: number): string {
  return value
    .toFixed(digits)
    .replace(/^-(?=0\.?0*$)/, "")
    .replace("-", "−");
}
