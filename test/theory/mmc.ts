/** M/M/c: c workers, exponential service, an endless queue. Traffic a = λ ÷ μ; times in mean services. */
import { none } from "../../policies/none.ts";
import { experiment, HALF_WIDTH_MAX_SENSITIVE, type Model, SLIP } from "./experiment.ts";
import { observe } from "./observer.ts";
import { queueWorld } from "./queue-world.ts";

/** The share that finds all workers busy when nobody can wait, by the recursion in c. */
export function erlangB(traffic: number, workers: number): number {
  let share = 1;
  for (let c = 1; c <= workers; c++) share = (traffic * share) / (c + traffic * share);
  return share;
}

/** The share that has to wait. */
export function erlangC(traffic: number, workers: number): number {
  const b = erlangB(traffic, workers);
  return b / (1 - (traffic / workers) * (1 - b));
}

/** E[Wq] */
export function meanWait(traffic: number, workers: number): number {
  return erlangC(traffic, workers) / (workers - traffic);
}

const queue = (traffic: number, workers: number, calls: number) =>
  experiment({
    setting: `c = ${workers}, a = ${traffic}`,
    world: queueWorld({ traffic, workers, calls }),
    theory: {
      "share of time with all workers busy": {
        value: erlangC(traffic, workers),
        mistake: { what: "Erlang B", value: erlangB(traffic, workers) },
      },
      "mean wait": {
        value: meanWait(traffic, workers),
        mistake: { what: "service 5 % longer", value: SLIP * meanWait(traffic * SLIP, workers) },
        halfWidthMax: HALF_WIDTH_MAX_SENSITIVE,
      },
    },
    measure(world, seed) {
      const observed = observe(world, none(), seed);
      return {
        "share of time with all workers busy": observed.present.shareFrom(workers),
        "mean wait": observed.meanWait(),
      };
    },
  });

export const mmc: Model = {
  name: "M/M/c",
  formula: "Erlang C = B/(1−ρ(1−B)) with B(0) = 1, B(k) = aB(k−1)/(k+aB(k−1)); E[Wq] = C/(cμ−λ)",
  source: "Kleinrock, Queueing Systems, volume 1, Wiley 1975, chapter 3",
  experiments: [queue(4, 5, 18_000), queue(8, 10, 26_000)],
};
