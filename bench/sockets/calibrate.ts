/** Policies in one scenario, each in both worlds on the same draws. */
import { runLoopback } from "../../src/loopback/run.ts";
import { type RunFigures, RunMeter } from "../../src/measure/run-figures.ts";
import type { Policy } from "../../src/policy.ts";
import type { Scenario } from "../../src/scenario.ts";
import { simulate } from "../../src/sim/simulation.ts";
import { type LoopLag, withLoopLag } from "./loop-lag.ts";
import { repeatDisturbed } from "./repeat-disturbed.ts";

export interface Pair {
  readonly scenario: Scenario;
  readonly policy: string;
  readonly seed: number;
  readonly simulator: RunFigures;
  /** The simulator's, with a little more network delay. */
  readonly nudged: readonly RunFigures[];
  readonly sockets: RunFigures;
  /** Either run met the bound on attempts. */
  readonly cut: boolean;
  readonly lag: LoopLag;
  /** How many runs through sockets this is the calmest of. */
  readonly runs: number;
}

export interface Calibration {
  readonly scenario: Scenario;
  readonly policies: readonly Policy[];
  readonly seed: number;
  readonly signal: AbortSignal;
  /** Whether disturbed runs are run again while there is time. */
  readonly repeats: boolean;
  /** Called after each policy's first run. */
  readonly ran: () => void;
}

/**
 * What a round trip through sockets adds on a calm machine. How far the simulator's own figures move by it
 * tells how much of a difference is the chaos of one short run.
 */
const NUDGES_MS = [0.25, 0.5, 0.75, 1, 1.25, 1.5, 1.75, 2];

/** Of real time; what is left of it repeats disturbed runs. */
const LIMIT_MS_PER_POLICY = 10_000;

/** Far above what any policy of the registry sends in these scenarios. */
const ATTEMPTS_BOUND = 10_000;

export async function calibrate(asked: Calibration): Promise<Pair[]> {
  const { scenario, policies, repeats, ran } = asked;
  const untilMs = performance.now() + policies.length * LIMIT_MS_PER_POLICY;
  const pairs: Pair[] = [];
  for (const policy of policies) {
    pairs.push(await pairOf(asked, policy));
    ran();
  }
  if (!repeats) return pairs;
  return await repeatDisturbed(pairs, {
    hasTime: () => performance.now() + scenario.runMs + scenario.patienceMs < untilMs,
    again: (index) => pairOf(asked, policies[index]),
  });
}

async function pairOf({ scenario, seed, signal }: Calibration, policy: Policy): Promise<Pair> {
  const [simulated, measured] = [new RunMeter(scenario), new RunMeter(scenario)];
  const run = { scenario, policy, seed, attemptsBound: ATTEMPTS_BOUND };
  const { cut } = simulate({ ...run, trace: simulated });
  const nudged = NUDGES_MS.map((moreMs) => {
    const meter = new RunMeter(scenario);
    const networkMs = scenario.networkMs + moreMs;
    simulate({ ...run, scenario: { ...scenario, networkMs }, trace: meter });
    return meter.figures();
  });
  const { result, lag } = await withLoopLag(() => runLoopback({ ...run, trace: measured, signal }));
  return {
    scenario,
    policy: policy.name,
    seed,
    simulator: simulated.figures(),
    nudged,
    sockets: measured.figures(),
    cut: cut || result.cut,
    lag,
    runs: 1,
  };
}
