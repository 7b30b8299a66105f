/** The M/M/c/c retrial queue: as M/M/1's, with c workers. It has no closed form from c = 3 on. */
import { amplification } from "../../src/measure/formulas.ts";
import { experiment, HALF_WIDTH_MAX_SENSITIVE, type Model, SLIP } from "./experiment.ts";
import { observe } from "./observer.ts";
import { orbit } from "./orbit.ts";
import { orbitQueue } from "./orbit-chain.ts";
import { queueWorld, SERVICE_MS } from "./queue-world.ts";

const retrial = (traffic: number, workers: number, retries: number, calls: number) => {
  const orbitMax = 400;
  const exact = orbitQueue({ traffic, workers, retries, orbitMax });
  // Time is counted in services: longer ones are more traffic and more retries.
  const slow = { traffic: traffic * SLIP, workers, retries: retries * SLIP, orbitMax };
  const slower = orbitQueue(slow);
  const mistaken = (value: number) => ({ what: "service 5 % longer", value });
  return experiment({
    setting: `c = ${workers}, λ = ${traffic}, μ = 1, ν = ${retries}`,
    world: queueWorld({ traffic, workers, places: 0, calls }),
    theory: {
      "mean of the orbit": {
        value: exact.meanOrbit,
        mistake: mistaken(slower.meanOrbit),
        halfWidthMax: HALF_WIDTH_MAX_SENSITIVE,
      },
      "mean number of busy workers": { value: traffic, mistake: mistaken(slower.meanBusy) },
      "share of first attempts rejected": {
        value: exact.blockedFirst,
        mistake: mistaken(slower.blockedFirst),
      },
      amplification: { value: exact.amplification, mistake: mistaken(slower.amplification) },
    },
    measure(world, seed) {
      const policy = orbit({ perSecond: (retries * 1000) / SERVICE_MS });
      const observed = observe(world, policy, seed);
      return {
        "mean of the orbit": observed.orbit.mean(),
        "mean number of busy workers": observed.present.mean(),
        "share of first attempts rejected": observed.rejectedFirstShare(),
        amplification: Number(amplification(observed.figures().total)),
      };
    },
  });
};

export const mmccRetrial: Model = {
  name: "M/M/c/c retrial queue",
  formula:
    "E[busy] = λ/μ; the rest from the Markov chain of (orbit, busy), solved numerically; amplification = 1 + νE[orbit]/λ",
  source: "Falin and Templeton, Retrial Queues, Chapman and Hall 1997, chapter 2",
  experiments: [retrial(4, 5, 0.1, 20_000), retrial(1.5, 3, 2, 15_000)],
};
