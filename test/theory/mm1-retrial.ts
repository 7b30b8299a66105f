/**
 * The M/M/1 retrial queue: one worker and no queue; who is rejected comes back after an exponential
 * wait, again and again. Rates in mean services: λ is the traffic, μ = 1, ν a caller's retries.
 */
import { experiment, HALF_WIDTH_MAX_SENSITIVE, type Model, SLIP } from "./experiment.ts";
import { observe } from "./observer.ts";
import { orbit } from "./orbit.ts";
import { queueWorld, SERVICE_MS } from "./queue-world.ts";

interface Retrial {
  readonly lambda: number;
  /** @default 1 */
  readonly mu?: number;
  readonly nu: number;
}

/** E[orbit] */
export function meanOrbit({ lambda, mu = 1, nu }: Retrial): number {
  const rho = lambda / mu;
  return (rho * (lambda + rho * nu)) / ((1 - rho) * nu);
}

/** Var[orbit] */
export function varianceOfOrbit({ lambda, mu = 1, nu }: Retrial): number {
  const rho = lambda / mu;
  return (rho * (lambda + rho * nu + rho ** 2 * nu - rho ** 3 * nu)) / ((1 - rho) ** 2 * nu);
}

const retrial = (lambda: number, nu: number, calls: number) => {
  const mean = meanOrbit({ lambda, nu });
  return experiment({
    setting: `λ = ${lambda}, μ = 1, ν = ${nu}`,
    world: queueWorld({ traffic: lambda, workers: 1, places: 0, calls }),
    theory: {
      "mean of the orbit": {
        value: mean,
        mistake: { what: "service 5 % longer", value: meanOrbit({ lambda, mu: 1 / SLIP, nu }) },
      },
      "variance of the orbit": {
        value: varianceOfOrbit({ lambda, nu }),
        mistake: { what: "Poisson: the mean", value: mean },
        halfWidthMax: HALF_WIDTH_MAX_SENSITIVE,
      },
      "share of time busy": {
        value: lambda,
        mistake: { what: "service 5 % longer", value: lambda * SLIP },
      },
    },
    measure(world, seed) {
      const perSecond = (nu * 1000) / SERVICE_MS;
      const observed = observe(world, orbit({ perSecond }), seed);
      return {
        "mean of the orbit": observed.orbit.mean(),
        "variance of the orbit": observed.orbit.varianceAround(mean),
        "share of time busy": observed.present.mean(),
      };
    },
  });
};

export const mm1Retrial: Model = {
  name: "M/M/1 retrial queue",
  formula: "E[orbit] = ρ(λ+ρν)/((1−ρ)ν), Var[orbit] = ρ(λ+ρν+ρ²ν−ρ³ν)/((1−ρ)²ν), P(busy) = ρ",
  source:
    "Artalejo and Falin, Revista Matemática Complutense 15(1), 2002, " +
    "https://doi.org/10.5209/rev_REMA.2002.v15.n1.16950",
  experiments: [retrial(0.5, 1, 12_000), retrial(0.4, 0.5, 9_000)],
};
