/** How long a request keeps a worker, in microseconds, drawn by the request's own key. */
import type { KeyedRandom } from "../random.ts";
import { meanOf } from "../scenario/numbers-schema.ts";
import type { ServiceSpec } from "../scenario.ts";

type RecordedSpec = Extract<ServiceSpec, { distribution: "recorded" }>;

export type ServiceTime = (
  random: KeyedRandom,
  client: number,
  call: number,
  attempt: number,
  part: number,
) => number;

export function serviceTime(spec: ServiceSpec): ServiceTime {
  const meanUs = spec.meanMs * 1000;
  switch (spec.distribution) {
    case "deterministic":
      return () => meanUs;
    case "exponential":
      return (random, client, call, attempt, part) =>
        -Math.log(1 - random.key(client, call, attempt, part).next()) * meanUs;
    case "lognormal": {
      // The mean of exp(Normal(mu, sigma)) is exp(mu + sigma² / 2).
      const mu = Math.log(meanUs) - spec.sigma ** 2 / 2;
      return (random, client, call, attempt, part) =>
        Math.exp(mu + spec.sigma * normal(random.key(client, call, attempt, part)));
    }
    case "bimodal": {
      const { slowShare, slowFactor } = spec;
      const fastUs = meanUs / (1 - slowShare + slowShare * slowFactor);
      const slowUs = fastUs * slowFactor;
      return (random, client, call, attempt, part) =>
        random.key(client, call, attempt, part).next() < slowShare ? slowUs : fastUs;
    }
    case "recorded":
      return recordedTime(spec);
  }
}

/**
 * Each request draws one of the recorded times by its own key (Efron's bootstrap, Annals of Statistics
 * 7(1), 1979, https://doi.org/10.1214/aos/1176344552). Handed out in order of arrival, a request's time
 * would depend on how many came before it: one retry more, and everybody behind it would have the time
 * of another, so that policies could no longer be compared on the same draws. What is lost is the order:
 * slow times that were recorded together come apart.
 */
function recordedTime({ serviceMs, meanMs }: RecordedSpec): ServiceTime {
  const mean = meanOf(serviceMs);
  const scaleUs = mean === 0 ? 0 : (1000 * meanMs) / mean;
  return (random, client, call, attempt, part) => {
    const draw = random.key(client, call, attempt, part).next();
    return serviceMs[Math.floor(draw * serviceMs.length)] * scaleUs;
  };
}

/** Box and Muller, Annals of Mathematical Statistics 29(2), 1958, https://doi.org/10.1214/aoms/1177706645 */
function normal(random: KeyedRandom): number {
  const radius = Math.sqrt(-2 * Math.log(1 - random.next()));
  return radius * Math.cos(2 * Math.PI * random.next());
}
