/**
 * Intervals over seeds, and tests of one policy against another on the same seeds. The distributions
 * and tests are those of @stdlib; only Wilson's interval, which it does not have, is written out here.
 */
import normalQuantile from "@stdlib/stats-base-dists-normal-quantile";
import binomialTest from "@stdlib/stats-binomial-test";
import padjust from "@stdlib/stats-padjust";
import ttest from "@stdlib/stats-ttest";

/** Intervals cover with 0.95; tests separate at 0.05. */
export const ALPHA = 0.05;

/** `low` and `high` are null when there is one value only. */
export interface MeanInterval {
  readonly mean: number;
  readonly low: number | null;
  readonly high: number | null;
}

/** Student's t interval of the mean; `alpha` is its chance to miss the truth. */
export function meanInterval(values: readonly number[], alpha = ALPHA): MeanInterval {
  const mean = values.reduce((sum, value) => sum + value, 0) / values.length;
  if (values.length < 2) return { mean, low: null, high: null };
  if (isConstant(values)) return { mean: values[0], low: values[0], high: values[0] };
  const [low, high] = ttest([...values], { alpha }).ci;
  return { mean, low, high };
}

/**
 * Wilson's score interval of a share: unlike the plain one it does not shrink to nothing at 0 and at all.
 *
 * @see E. B. Wilson, "Probable inference, the law of succession, and statistical inference" (1927)
 */
export function wilsonInterval(count: number, of: number): { low: number; high: number } {
  const z = normalQuantile(1 - ALPHA / 2, 0, 1);
  const share = count / of;
  const middle = (share + z ** 2 / (2 * of)) / (1 + z ** 2 / of);
  const half =
    (z / (1 + z ** 2 / of)) * Math.sqrt((share * (1 - share)) / of + z ** 2 / (4 * of ** 2));
  return { low: count === 0 ? 0 : middle - half, high: count === of ? 1 : middle + half };
}

/**
 * McNemar's test, exact: do the pairs in which only one of the two succeeded fall evenly on both?
 *
 * @returns the two-sided p-value
 */
export function mcNemar(first: readonly boolean[], second: readonly boolean[]): number {
  const onlyFirst = first.filter((yes, index) => yes && !second[index]).length;
  const onlySecond = first.filter((yes, index) => !yes && second[index]).length;
  if (onlyFirst + onlySecond === 0) return 1;
  return binomialTest(onlyFirst, onlyFirst + onlySecond).pValue;
}

/**
 * Small when the mean difference lies beyond the margin: below `ALPHA` exactly when the t interval of
 * the mean excludes everything from −margin to margin.
 */
export function pBeyondMargin(differences: readonly number[], margin: number): number {
  const { mean } = meanInterval(differences);
  if (differences.length < 2) return 1;
  if (isConstant(differences)) return Math.abs(mean) > margin ? 0 : 1;
  const side =
    mean > 0
      ? { mu: margin, alternative: "greater" as const }
      : { mu: -margin, alternative: "less" as const };
  return Math.min(1, 2 * ttest([...differences], side).pValue);
}

/** Holm's correction: so many comparisons, and all of them right with 0.95. */
export function holm(pValues: readonly number[]): number[] {
  return pValues.length === 0 ? [] : padjust([...pValues], "holm");
}

function isConstant(values: readonly number[]): boolean {
  return values.every((value) => value === values[0]);
}
