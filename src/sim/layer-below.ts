/** The next layer of a chain, as a run of its own. */
import type { Policy } from "../policy.ts";
import { KeyedRandom } from "../random.ts";
import type { LoadSpec, Scenario } from "../scenario.ts";
import { SilentTrace } from "../trace.ts";
import type { SimulationOptions } from "./simulation.ts";

/** Calls come from the layer above alone. */
const NO_LOAD: LoadSpec = { kind: "open", arrivals: [{ fromMs: 0, perSecond: 0 }] };

/** Layers are independent: two that are alike draw differently. */
export function optionsBelow(options: SimulationOptions): SimulationOptions {
  const { scenario, policy, policyOf, downstreamTraces = [] } = options;
  const [trace = new SilentTrace(), ...traces] = downstreamTraces;
  return {
    scenario: scenarioBelow(scenario),
    seed: Math.floor(new KeyedRandom(options.seed, "layers").key(0, 0, 0).next() * 2 ** 53),
    policy,
    policyOf,
    trace,
    downstreamTraces: traces,
  };
}

/**
 * The policy of those who call the next layer.
 *
 * @throws {RangeError} when the scenario names one, and nobody can tell which that is
 */
export function policyBelow({ scenario, policy, policyOf }: SimulationOptions): Policy {
  const [{ name, caller }] = scenario.downstream;
  if (caller.policy === undefined) return policy;
  if (policyOf !== undefined) return policyOf(caller.policy);
  throw new RangeError(
    `Expected \`policyOf\`, to find policy "${caller.policy}" of layer "${name}", got none.`,
  );
}

/** Its clients are the instances of the layer above. */
function scenarioBelow(scenario: Scenario): Scenario {
  const [{ name, caller, networkMs, server, faults }, ...downstream] = scenario.downstream;
  const { instances, timeoutMs, deadlineMs } = caller;
  const clients = { count: instances, timeoutMs, deadlineMs };
  return {
    ...scenario,
    name,
    clients,
    cohorts: [],
    load: NO_LOAD,
    attempt: { requests: 1, order: "in-turn" },
    recipients: undefined,
    traffics: [],
    networkMs,
    server,
    faults,
    downstream,
  };
}
