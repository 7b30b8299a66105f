/**
 * M/M/c/K: at most K present, those in service included; who comes when it is full is rejected. The
 * scenario's `queue.places` counts those who wait only: K − c.
 */
import { none } from "../../policies/none.ts";
import { answeredShare } from "../../src/measure/formulas.ts";
import type { ServiceSpec } from "../../src/scenario.ts";
import { experiment, type Model, SLIP } from "./experiment.ts";
import { erlangB } from "./mmc.ts";
import { observe } from "./observer.ts";
import { queueWorld, SERVICE_MS } from "./queue-world.ts";

/** P(N = n) for n from 0 to K. */
export function shares(traffic: number, workers: number, placesAll: number): number[] {
  const weights = [1];
  for (let n = 1; n <= placesAll; n++) {
    weights.push((weights[n - 1] * traffic) / Math.min(n, workers));
  }
  const sum = weights.reduce((total, weight) => total + weight, 0);
  return weights.map((weight) => weight / sum);
}

/** P(N = K), which is what every arrival meets. */
export function loss(traffic: number, workers: number, placesAll: number): number {
  return shares(traffic, workers, placesAll)[placesAll];
}

/** E[N] */
export function meanPresent(traffic: number, workers: number, placesAll: number): number {
  return shares(traffic, workers, placesAll).reduce((sum, share, n) => sum + n * share, 0);
}

const full = (traffic: number, workers: number, placesAll: number, calls: number) =>
  experiment({
    setting: `c = ${workers}, K = ${placesAll}, a = ${traffic}`,
    world: queueWorld({ traffic, workers, places: placesAll - workers, calls }),
    theory: {
      "share rejected": {
        value: loss(traffic, workers, placesAll),
        mistake: {
          what: "service 5 % longer",
          value: loss(traffic * SLIP, workers, placesAll),
        },
      },
      "mean number present": {
        value: meanPresent(traffic, workers, placesAll),
        mistake: {
          what: "K without those in service",
          value: meanPresent(traffic, workers, placesAll + workers),
        },
      },
    },
    measure(world, seed) {
      const observed = observe(world, none(), seed);
      return {
        "share rejected": 1 - Number(answeredShare(observed.figures().total)),
        "mean number present": observed.present.mean(),
      };
    },
  });

/** Without a queue the loss depends on the mean of the service only: Erlang's insensitivity. */
const insensitive = (service: ServiceSpec, traffic: number, workers: number, calls: number) =>
  experiment({
    setting: `c = K = ${workers}, a = ${traffic}, ${service.distribution} service`,
    world: queueWorld({ traffic, workers, places: 0, service, calls }),
    theory: {
      "share rejected": {
        value: erlangB(traffic, workers),
        mistake: { what: "service 5 % longer", value: erlangB(traffic * SLIP, workers) },
      },
    },
    measure(world, seed) {
      return { "share rejected": observe(world, none(), seed).rejectedShare() };
    },
  });

export const mmck: Model = {
  name: "M/M/c/K",
  formula:
    "P(n) ∝ aⁿ/n! for n ≤ c, ∝ aⁿ/(c! cⁿ⁻ᶜ) for c < n ≤ K; loss P(K). With K = c: Erlang B, for any service",
  source:
    "Kleinrock, Queueing Systems, volume 1, Wiley 1975, chapter 3; any service: " +
    "Sevastyanov, Theory of Probability and its Applications 2(1), 1957",
  experiments: [
    full(1.5, 1, 10, 8_000),
    full(6, 5, 10, 10_000),
    full(12, 10, 50, 16_000),
    insensitive({ distribution: "deterministic", meanMs: SERVICE_MS }, 4, 5, 5_000),
    insensitive({ distribution: "lognormal", meanMs: SERVICE_MS, sigma: 1 }, 4, 5, 10_000),
  ],
};
