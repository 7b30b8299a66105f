/** What the simulator makes of every model, as data. */
import { meanInterval } from "../../bench/statistics.ts";
import { broken, type Experiment } from "./experiment.ts";
import { models } from "./models.ts";

/** Runs of an experiment, of a seed each. */
export const SEEDS = 64;
/** So few must do to catch a broken simulator. */
export const SEEDS_BROKEN = 24;

const experiments = models.flatMap((model) => model.experiments);
/** All that is compared with a formula. */
export const COMPARISONS = experiments.flatMap(({ theory }) => Object.keys(theory)).length;

/** With this probability a right simulator passes in all of them. */
export const CONFIDENCE = 0.999;
/** Bonferroni's correction: the chances of all intervals to miss add up to 1 − `CONFIDENCE`. */
const ALPHA = (1 - CONFIDENCE) / COMPARISONS;

/** The mean over seeds, and half the width of its t interval. */
export interface Result {
  readonly mean: number;
  readonly halfWidth: number;
}

export type Results = Readonly<Record<string, Result>>;

const known = new Map<Experiment, Results>();

/** Each figure's result, by its name; an experiment is run once, when it is first asked for. */
export function resultsOf(experiment: Experiment): Results {
  const results =
    known.get(experiment) ??
    run(experiment, SEEDS, (seed) => experiment.measure(experiment.world, seed));
  known.set(experiment, results);
  return results;
}

/** The same of a simulator that is 5 % off. */
export function brokenResultsOf(experiment: Experiment): Results {
  const world = broken(experiment.world);
  const { measureBroken = (seed: number) => experiment.measure(world, seed) } = experiment;
  return run(experiment, SEEDS_BROKEN, measureBroken);
}

function run(
  experiment: Experiment,
  seeds: number,
  measure: (seed: number) => Readonly<Record<string, number>>,
): Results {
  const first = firstSeed(experiment);
  const runs = Array.from({ length: seeds }, (_, index) => measure(first + index));
  const results = Object.keys(experiment.theory).map((figure) => {
    const { mean, low, high } = meanInterval(
      runs.map((each) => each[figure]),
      ALPHA,
    );
    return [figure, { mean, halfWidth: (Number(high) - Number(low)) / 2 }];
  });
  return Object.fromEntries(results);
}

/** No two experiments share a seed: a lucky draw must not speak for several. A new one changes no other's. */
function firstSeed(experiment: Experiment): number {
  const model = models.findIndex((each) => each.experiments.includes(experiment));
  return 1 + 10_000 * model + SEEDS * models[model].experiments.indexOf(experiment);
}
