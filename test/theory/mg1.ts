/** M/G/1: one worker, any service, an endless queue. ρ = λ ÷ μ; times in mean services. */
import { none } from "../../policies/none.ts";
import { meanOf } from "../../src/scenario/numbers-schema.ts";
import type { ServiceSpec } from "../../src/scenario.ts";
import { experiment, type Model, SLIP } from "./experiment.ts";
import { meanResponse } from "./mm1.ts";
import { observe } from "./observer.ts";
import { queueWorld, SERVICE_MS } from "./queue-world.ts";

/** E[Wq] by Pollaczek and Khinchine; `secondMoment` is E[S²] ÷ E[S]². */
export function meanWait(rho: number, secondMoment: number): number {
  return (rho * secondMoment) / (2 * (1 - rho));
}

/** E[S²] ÷ E[S]² */
export function secondMoment(service: ServiceSpec): number {
  switch (service.distribution) {
    case "deterministic":
      return 1;
    case "exponential":
      return 2;
    case "lognormal":
      return Math.exp(service.sigma ** 2);
    case "bimodal": {
      const { slowShare: share, slowFactor: factor } = service;
      return (1 - share + share * factor ** 2) / (1 - share + share * factor) ** 2;
    }
    case "recorded": {
      const times = [...service.serviceMs];
      return meanOf(times.map((time) => time ** 2)) / meanOf(times) ** 2;
    }
  }
}

const queue = (service: ServiceSpec, rho: number, calls: number) => {
  const moment = secondMoment(service);
  const wait = meanWait(rho, moment);
  return experiment({
    setting: `ρ = ${rho}, ${service.distribution} service, E[S²] = ${moment.toFixed(2)}`,
    world: queueWorld({ traffic: rho, workers: 1, service, calls }),
    theory: {
      "mean wait": {
        value: wait,
        mistake: { what: "exponential service", value: meanResponse(rho) - 1 },
      },
      "mean number present": {
        value: rho * (wait + 1),
        mistake: {
          what: "service 5 % longer",
          value: rho * SLIP * (meanWait(rho * SLIP, moment) + 1),
        },
      },
    },
    measure(world, seed) {
      const observed = observe(world, none(), seed);
      return { "mean wait": observed.meanWait(), "mean number present": observed.present.mean() };
    },
  });
};

export const mg1: Model = {
  name: "M/G/1",
  formula: "E[Wq] = λE[S²]/(2(1−ρ)) (Pollaczek and Khinchine), E[N] = λ(E[Wq] + E[S])",
  source: "Kleinrock, Queueing Systems, volume 1, Wiley 1975, chapter 5",
  experiments: [
    queue({ distribution: "deterministic", meanMs: SERVICE_MS }, 0.6, 10_000),
    queue({ distribution: "lognormal", meanMs: SERVICE_MS, sigma: 0.5 }, 0.6, 11_000),
    queue(
      { distribution: "bimodal", meanMs: SERVICE_MS, slowShare: 0.1, slowFactor: 8 },
      0.5,
      16_000,
    ),
  ],
};
