/** Runs of the simulator for tests that compare with a source. */
import { RunMeter } from "../../src/measure/run-figures.ts";
import type { Policy } from "../../src/policy.ts";
import { defineScenario, type Scenario, type ScenarioInput } from "../../src/scenario.ts";
import { simulate } from "../../src/sim/simulation.ts";

/** What a source says nothing of: hardly any network, waiting or work, and nothing that ends a call early. */
export function setting(
  input: Partial<ScenarioInput> & Pick<Scenario, "runMs" | "load">,
): Scenario {
  return defineScenario({
    name: "published",
    shows: "What a source says.",
    patienceMs: 60_000,
    networkMs: 0.001,
    ...input,
  });
}

export function perSecond(rate: number): Scenario["load"] {
  return { kind: "open", arrivals: [{ fromMs: 0, perSecond: rate }] };
}

/** `workers` that take `meanMs` each; what finds `places` taken is rejected, for nothing. */
export function server(
  workers: number,
  meanMs: number,
  places: number,
  distribution: "deterministic" | "exponential" = "deterministic",
): Scenario["server"] {
  return {
    workers: [{ fromMs: 0, workers }],
    service: { distribution, meanMs },
    queue: { places, order: "fifo" },
    rejection: { status: 503, costMs: 0 },
  };
}

/** A share of all attempts fails, each by its own chance. */
export function failing(share: number, status = 503): Scenario["faults"] {
  return [{ kind: "partial", fromMs: 0, untilMs: 31_536_000_000, share, status }];
}

/** One figure of each of the seeds 1, 2, … */
export function bySeed(count: number, figure: (seed: number) => number): readonly number[] {
  return Array.from({ length: count }, (_, index) => figure(index + 1));
}

export function metered(scenario: Scenario, policy: Policy, seed: number) {
  const meter = new RunMeter(scenario);
  simulate({ scenario, policy, seed, trace: meter });
  return meter.figures();
}
