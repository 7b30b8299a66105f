/**
 * M/M/1: one worker, exponential service, an endless queue, first in first out. ρ = λ ÷ μ; times are
 * in mean services.
 */
import { none } from "../../policies/none.ts";
import { answeredShare } from "../../src/measure/formulas.ts";
import { experiment, type Model, SLIP } from "./experiment.ts";
import { observe } from "./observer.ts";
import { queueWorld, SERVICE_MS } from "./queue-world.ts";

/** E[N] */
export const meanPresent = (rho: number) => rho / (1 - rho);
/** P(N ≥ n) */
export const shareFrom = (rho: number, n: number) => rho ** n;
/** E[T] */
export const meanResponse = (rho: number) => 1 / (1 - rho);
/** P(T > t) */
export const responseBeyond = (rho: number, t: number) => Math.exp(-(1 - rho) * t);

const patient = (rho: number, calls: number) =>
  experiment({
    setting: `ρ = ${rho}`,
    world: queueWorld({ traffic: rho, workers: 1, calls }),
    theory: {
      "mean number present": {
        value: meanPresent(rho),
        mistake: { what: "service 5 % longer", value: meanPresent(rho * SLIP) },
      },
      "share of time with ≥ 2 present": {
        value: shareFrom(rho, 2),
        mistake: { what: "service 5 % longer", value: shareFrom(rho * SLIP, 2) },
      },
      "mean response": {
        value: meanResponse(rho),
        mistake: { what: "service 5 % longer", value: SLIP * meanResponse(rho * SLIP) },
      },
    },
    measure(world, seed) {
      const observed = observe(world, none(), seed);
      return {
        "mean number present": observed.present.mean(),
        "share of time with ≥ 2 present": observed.present.shareFrom(2),
        "mean response": observed.meanResponse(),
      };
    },
  });

/** Who leaves is still served, so the timeouts of callers who do not retry change nothing for the others. */
const impatient = (rho: number, timeout: number, calls: number) =>
  experiment({
    setting: `ρ = ${rho}, timeout after ${timeout} services`,
    world: queueWorld({ traffic: rho, workers: 1, timeoutMs: timeout * SERVICE_MS, calls }),
    theory: {
      "share that times out": {
        value: responseBeyond(rho, timeout),
        mistake: { what: "service 5 % longer", value: responseBeyond(rho * SLIP, timeout / SLIP) },
      },
    },
    measure(world, seed) {
      const answered = answeredShare(observe(world, none(), seed).figures().total);
      return { "share that times out": 1 - Number(answered) };
    },
  });

export const mm1: Model = {
  name: "M/M/1",
  formula: "E[N] = ρ/(1−ρ), P(N ≥ n) = ρⁿ, E[T] = 1/(μ−λ), P(T > t) = exp(−(μ−λ)t)",
  source: "Kleinrock, Queueing Systems, volume 1, Wiley 1975, chapters 3 and 5",
  experiments: [patient(0.5, 9_000), patient(0.7, 14_000), impatient(0.6, 3, 10_000)],
};
