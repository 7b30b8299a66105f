/** What several runs say together, and how far they are from what a source says. */
import tCdf from "@stdlib/stats-base-dists-t-cdf";
import tQuantile from "@stdlib/stats-base-dists-t-quantile";

/** Every interval here covers with this. */
export const CONFIDENCE = 0.999;

export interface Sample {
  readonly mean: number;
  /** Standard deviation of one run. */
  readonly sd: number;
  readonly runs: number;
}

export interface Distance {
  /** Ours less theirs. */
  readonly difference: number;
  /** Of the interval around the difference. */
  readonly halfWidth: number;
  /** Two-sided, for "there is no difference". */
  readonly pValue: number;
}

export function sampleOf(values: readonly number[]): Sample {
  const runs = values.length;
  const mean = values.reduce((sum, value) => sum + value, 0) / runs;
  const squares = values.reduce((sum, value) => sum + (value - mean) ** 2, 0);
  return { mean, sd: Math.sqrt(squares / (runs - 1)), runs };
}

/**
 * Welch's test when theirs is a sample too, Student's when it is a number.
 *
 * @see B. L. Welch, "The generalization of Student's problem" (1947), https://doi.org/10.1093/biomet/34.1-2.28
 */
export function distance(ours: Sample, theirs: Sample | number): Distance {
  const source = typeof theirs === "number" ? { mean: theirs, sd: 0, runs: Infinity } : theirs;
  const difference = ours.mean - source.mean;
  const [a, b] = [ours.sd ** 2 / ours.runs, source.sd ** 2 / source.runs];
  const error = Math.sqrt(a + b);
  if (error === 0) return { difference, halfWidth: 0, pValue: difference === 0 ? 1 : 0 };
  const freedom = (a + b) ** 2 / (a ** 2 / (ours.runs - 1) + b ** 2 / (source.runs - 1));
  return {
    difference,
    halfWidth: tQuantile((1 + CONFIDENCE) / 2, freedom) * error,
    pValue: 2 * tCdf(-Math.abs(difference) / error, freedom),
  };
}
