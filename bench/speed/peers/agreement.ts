/** Whether a peer simulated the same thing: a fast answer to another question counts for nothing. */
import { type MeanInterval, meanInterval } from "../../statistics.ts";
import { type Batch, MEASURES, type Measure } from "./workload.ts";

export type Measured = Readonly<Record<Measure, MeanInterval>>;

/** Each measure as its mean over batches and 95 % t interval. */
export function measuredIn(batches: readonly Batch[], batchSeconds: number): Measured {
  const over = (value: (batch: Batch) => number) => meanInterval(batches.map(value));
  return {
    lossShare: over(({ answered, lost }) => lost / (answered + lost)),
    throughputPerSecond: over(({ answered }) => answered / batchSeconds),
    attemptsPerCall: over(({ attempts, calls }) => attempts / calls),
    responseMs: over(({ responseSeconds, answered }) => (responseSeconds / answered) * 1000),
  };
}

/** The measures in which the two intervals have nothing in common. */
export function disagreements(ours: Measured, theirs: Measured): Measure[] {
  return MEASURES.filter((measure) => {
    const [a, b] = [bounds(ours[measure]), bounds(theirs[measure])];
    return a.low > b.high || b.low > a.high;
  });
}

function bounds({ mean, low, high }: MeanInterval): { low: number; high: number } {
  return { low: low ?? mean, high: high ?? mean };
}
