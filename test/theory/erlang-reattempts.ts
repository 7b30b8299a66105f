/**
 * Erlang's loss system whose rejected callers try again with chance r, each time anew.
 *
 * Engineers take the retries for more Poisson traffic: a* = a ÷ (1 − r·B(c, a*)). That is an
 * approximation, right only when the waits are long against the services, so the simulator is held to
 * the exact Markov chain instead; that the approximation is the chain's limit is shown with the formulas.
 */
import { amplification, answeredShare } from "../../src/measure/formulas.ts";
import { experiment, type Model, SLIP } from "./experiment.ts";
import { erlangB } from "./mmc.ts";
import { observe } from "./observer.ts";
import { orbit } from "./orbit.ts";
import { orbitQueue } from "./orbit-chain.ts";
import { queueWorld, SERVICE_MS } from "./queue-world.ts";

/** The approximation: a*, the traffic with its retries, by iteration from a. */
export function trafficWithRetries(traffic: number, workers: number, persistence: number): number {
  let all = traffic;
  for (let before = 0; Math.abs(all - before) > 1e-13 * all; ) {
    before = all;
    all = traffic / (1 - persistence * erlangB(all, workers));
  }
  return all;
}

const reattempts = (persistence: number, retries: number, calls: number) => {
  const [traffic, workers, orbitMax] = [8, 10, 150];
  const given = { workers, persistence, orbitMax };
  const exact = orbitQueue({ ...given, traffic, retries });
  const slower = orbitQueue({ ...given, traffic: traffic * SLIP, retries: retries * SLIP });
  const mistaken = (value: number) => ({ what: "service 5 % longer", value });
  return experiment({
    setting: `c = ${workers}, a = ${traffic}, r = ${persistence}, ν = ${retries}μ`,
    world: queueWorld({ traffic, workers, places: 0, calls }),
    theory: {
      "share of attempts rejected": { value: exact.blocked, mistake: mistaken(slower.blocked) },
      amplification: {
        value: exact.amplification,
        mistake: { what: "everybody retries for ever", value: 1 / (1 - exact.blocked) },
      },
      "share of calls lost": { value: exact.lost, mistake: mistaken(slower.lost) },
    },
    measure(world, seed) {
      const policy = orbit({ perSecond: (retries * 1000) / SERVICE_MS, persistence });
      const observed = observe(world, policy, seed);
      const { total } = observed.figures();
      return {
        "share of attempts rejected": observed.rejectedShare(),
        amplification: Number(amplification(total)),
        "share of calls lost": 1 - Number(answeredShare(total)),
      };
    },
  });
};

export const erlangReattempts: Model = {
  name: "Erlang B with geometric re-attempts",
  formula:
    "The Markov chain of (orbit, busy), solved numerically; its limit for long waits: a* = a/(1−rB(c, a*)), amplification a*/a",
  source:
    "Cohen, Basic problems of telephone traffic theory and the influence of repeated calls, " +
    "Philips Telecommunication Review 18(2), 1957",
  experiments: [reattempts(0.5, 0.1, 12_000), reattempts(0.5, 10, 11_000)],
};
