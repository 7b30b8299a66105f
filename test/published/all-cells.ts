/** Many numbers of one source at once, so that looking at all of them is as safe as looking at one. */
import { holm } from "../../bench/statistics.ts";
import { custom, type Result, shown } from "./result.ts";
import { CONFIDENCE, type Distance } from "./sample.ts";

export interface Compared extends Distance {
  /** Which number it is, in a few words. */
  readonly what: string;
  /** The source's value. */
  readonly theirs: number;
}

/** Agrees when none of them differs after Holm's correction. */
export function allCells(
  quantity: string,
  theirs: string,
  runs: number | string,
  compare: () => readonly Compared[],
): Result {
  return custom(quantity, () => {
    const compared = compare();
    const corrected = holm(compared.map(({ pValue }) => pValue));
    const least = Math.min(...compared.map(({ pValue }) => pValue));
    const farthest = compared.findIndex(({ pValue }) => pValue === least);
    const differing = corrected.filter((p) => p < 1 - CONFIDENCE).length;
    return {
      theirs,
      ours: `${compared.length - differing} of ${compared.length} agree`,
      difference: `${shown(100 * rootMeanSquare(compared), 1)} % (root mean square)`,
      interval: `least p ${shown(least, 4)}, with Holm's correction ${shown(corrected[farthest], 2)}: ${compared[farthest].what} (${runs} runs each)`,
      verdict: differing === 0 ? "agrees" : "differs",
    };
  });
}

function rootMeanSquare(compared: readonly Compared[]): number {
  const squares = compared.map(({ difference, theirs }) => (difference / theirs) ** 2);
  return Math.sqrt(squares.reduce((sum, square) => sum + square, 0) / squares.length);
}
