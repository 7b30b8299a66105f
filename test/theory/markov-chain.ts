/** Long-run shares of a continuous-time Markov chain whose states only reach their neighbourhood. */

export interface BandedChain {
  readonly states: number;
  /** No state reaches another whose number is further away than this. */
  readonly reach: number;
  /** Rate from one state to another. */
  rate(from: number, to: number): number;
}

/**
 * Solves πQ = 0 by taking out one state after the other, without a subtraction: exact to rounding.
 *
 * @see W. K. Grassmann, M. I. Taksar, D. P. Heyman, "Regenerative analysis and steady state
 *   distributions for Markov chains", Operations Research 33(5), 1985, https://doi.org/10.1287/opre.33.5.1107
 */
export function longRunShares({ states, reach, rate }: BandedChain): Float64Array {
  const width = 2 * reach + 1;
  const rates = new Float64Array(states * width);
  const at = (from: number, to: number) => from * width + to - from + reach;
  const lowest = (state: number) => Math.max(0, state - reach);
  for (let from = 0; from < states; from++) {
    for (let to = lowest(from); to <= Math.min(states - 1, from + reach); to++) {
      if (to !== from) rates[at(from, to)] = rate(from, to);
    }
  }
  for (let out = states - 1; out > 0; out--) {
    let down = 0;
    for (let to = lowest(out); to < out; to++) down += rates[at(out, to)];
    for (let from = lowest(out); from < out; from++) {
      rates[at(from, out)] /= down;
      for (let to = lowest(out); to < out; to++) {
        if (to !== from) rates[at(from, to)] += rates[at(from, out)] * rates[at(out, to)];
      }
    }
  }
  return normalised(states, (state, weights) => {
    let weight = 0;
    for (let from = lowest(state); from < state; from++)
      weight += weights[from] * rates[at(from, state)];
    return weight;
  });
}

function normalised(
  states: number,
  weightOf: (state: number, before: Float64Array) => number,
): Float64Array {
  const weights = new Float64Array(states);
  weights[0] = 1;
  for (let state = 1; state < states; state++) weights[state] = weightOf(state, weights);
  const sum = weights.reduce((total, weight) => total + weight, 0);
  return weights.map((weight) => weight / sum);
}
