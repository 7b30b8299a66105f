/** One number or statement of a source beside ours, and the verdict. */
import { distance, type Sample, sampleOf } from "./sample.ts";

export interface Row {
  readonly quantity: string;
  /** What the source says. */
  readonly theirs: string;
  readonly ours: string;
  readonly difference: string;
  readonly interval: string;
  readonly verdict: Verdict;
}

export type Verdict = "agrees" | "differs" | "vague";

export interface Result {
  readonly quantity: string;
  /** What the test must find; why, when it is not agreement. */
  readonly expected: Verdict;
  readonly why?: string;
  row(): Row;
}

interface Compared {
  readonly quantity: string;
  /** One value a run. */
  ours(): readonly number[];
  /** Decimals shown. */
  readonly decimals: number;
}

/** How the source has it: in print, in other people's notes on it, by running its code, or by what its rules come to. */
type Has = "printed" | "reported" | "measured" | "derived";

interface Exact extends Compared {
  /** A number, or what is known from runs of the source's own code. */
  readonly theirs: number | Sample;
  readonly has: Has;
  /** An interval wider than this on each side says too little. */
  readonly sharpTo: number;
}

/** Agrees when the interval around the difference holds 0. */
export function equals(given: Exact): Result {
  const { quantity, theirs, has, decimals, sharpTo } = given;
  const value = typeof theirs === "number" ? theirs : theirs.mean;
  return custom(quantity, () => {
    const ours = sampleOf(given.ours());
    const { difference, halfWidth } = distance(ours, theirs);
    const isCovered = Math.abs(difference) <= Math.max(halfWidth, NOISE * Math.abs(value));
    return {
      theirs: `${shown(value, decimals)} (${has})`,
      ours: shown(ours.mean, decimals),
      difference: signed(difference, decimals),
      interval: `±${shown(halfWidth, decimals)} (${runs(ours)})`,
      verdict: halfWidth > sharpTo ? "vague" : isCovered ? "agrees" : "differs",
    };
  });
}

interface Rounded extends Compared {
  /** In the source's words, such as "just below 3". */
  readonly theirs: string;
  readonly has: Has;
  readonly from: number;
  readonly below: number;
}

/** Agrees when our whole interval lies in what the source's words, or its last digit, leave open. */
export function isWithin(given: Rounded): Result {
  const { quantity, theirs, has, from, below, decimals, ours } = given;
  return custom(quantity, () => {
    const sample = sampleOf(ours());
    const { halfWidth } = distance(sample, 0);
    const [low, high] = [sample.mean - halfWidth, sample.mean + halfWidth];
    return {
      theirs: `${theirs} (${has})`,
      ours: shown(sample.mean, decimals),
      difference: `within ${shown(from, decimals)} to ${shown(below, decimals)}`,
      interval: `±${shown(halfWidth, decimals)} (${runs(sample)})`,
      verdict:
        low >= from && high < below ? "agrees" : high < from || low >= below ? "differs" : "vague",
    };
  });
}

export interface Seen {
  readonly holds: boolean;
  /** What was seen, in a few words. */
  readonly saw: string;
}

/** A statement without a number. */
export function holds(quantity: string, theirs: string, seen: () => Seen): Result {
  return custom(quantity, () => {
    const { holds, saw } = seen();
    const verdict = holds ? "agrees" : "differs";
    return { theirs, ours: saw, difference: "–", interval: "–", verdict };
  });
}

/** The source's arithmetic done again; nothing was simulated. */
export function arithmetic(quantity: string, theirs: number, ours: number, has: Has): Result {
  const decimals = decimalsOf(theirs);
  return custom(quantity, () => ({
    theirs: `${shown(theirs, decimals)} (${has})`,
    ours: shown(ours, decimals),
    difference: signed(ours - theirs, decimals),
    interval: "arithmetic only",
    verdict: Math.abs(ours - theirs) <= 0.5 * 10 ** -decimals ? "agrees" : "differs",
  }));
}

/** Whatever the others do not express. */
export function custom(quantity: string, judge: () => Omit<Row, "quantity">): Result {
  return { quantity, expected: "agrees", row: once(() => ({ quantity, ...judge() })) };
}

/** A result that we do not get, and why. The test fails on the day we do. */
export function notReproduced(result: Result, why: string): Result {
  return { ...result, expected: "differs", why };
}

/** Results of a run are needed by several rows. */
export function once<Value>(make: () => Value): () => Value {
  let made: { readonly value: Value } | undefined;
  return () => {
    made ??= { value: make() };
    return made.value;
  };
}

/** Of float64, in what should be equal. */
const NOISE = 1e-12;

export function shown(value: number, decimals: number): string {
  return value.toLocaleString("en-US", {
    minimumFractionDigits: decimals,
    maximumFractionDigits: decimals,
  });
}

function signed(difference: number, decimals: number): string {
  const text = shown(Math.abs(difference), decimals);
  return /[1-9]/.test(text) ? `${difference < 0 ? "−" : "+"}${text}` : text;
}

function runs({ runs }: Sample): string {
  return runs === 1 ? "1 run" : `${runs} runs`;
}

function decimalsOf(value: number): number {
  return String(value).split(".")[1]?.length ?? 0;
}
