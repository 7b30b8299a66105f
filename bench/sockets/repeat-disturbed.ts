import type { Pair } from "./calibrate.ts";
import { isDisturbed } from "./verdict.ts";

/** What repeating needs to know of a pair. */
type Repeatable = Pick<Pair, "lag" | "runs">;

export interface Repeating<P extends Repeatable> {
  hasTime(): boolean;
  /** The pair with this index once more. */
  again(index: number): Promise<P>;
}

/**
 * Repeats the most disturbed while there is time, and keeps the calmer of the two. By its lag and not by
 * its figures, or the luckier would win.
 */
export async function repeatDisturbed<P extends Repeatable>(
  first: readonly P[],
  { hasTime, again }: Repeating<P>,
): Promise<P[]> {
  const pairs = [...first];
  while (pairs.some(isDisturbed) && hasTime()) {
    const worst = pairs.reduce((a, b) => (b.lag.meanMs > a.lag.meanMs ? b : a));
    const index = pairs.indexOf(worst);
    const other = await again(index);
    const calmer = other.lag.meanMs < worst.lag.meanMs ? other : worst;
    pairs[index] = { ...calmer, runs: worst.runs + 1 };
  }
  return pairs;
}
