/** Runs of the simulator for tests that compare with a source. */
import { amplificationBelow } from "../../src/measure/formulas.ts";
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

/**
 * Servers in a row, each the client of the next, under the same policy; the last one rejects everything.
 * Requests that reach it ÷ calls.
 */
export function atTheLastOf(servers: number, policy: Policy, seed: number): number {
  const caller = { instances: 10, timeoutMs: 60_000 };
  const wide = server(1_000, 1, 1_000);
  const scenario = setting({
    runMs: 2_000,
    clients: { count: 10, timeoutMs: 60_000 },
    load: perSecond(100),
    server: wide,
    downstream: Array.from({ length: servers - 1 }, (_, index) => ({
      name: `server ${index + 2}`,
      caller,
      networkMs: 0.001,
      server: wide,
      faults: index === servers - 2 ? failing(1) : [],
    })),
  });
  const meter = new RunMeter(scenario);
  const downstreamTraces = scenario.downstream.map(() => new RunMeter(scenario));
  simulate({ scenario, policy, seed, trace: meter, downstreamTraces });
  const last = downstreamTraces[servers - 2].figures();
  return amplificationBelow(last.total, meter.figures().total) ?? Number.NaN;
}
