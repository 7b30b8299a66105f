/** Some runs of one policy in the simulator: what a worker thread does. */
import { encodeIntoCompressedBase64, type Histogram } from "hdr-histogram-js";
import { cohortMeter } from "../src/measure/cohort-meter.ts";
import type { GroupFigures } from "../src/measure/group-meter.ts";
import { type RunFigures, RunMeter, responseHistogram } from "../src/measure/run-figures.ts";
import type { Tally } from "../src/measure/tally.ts";
import { trafficMeter } from "../src/measure/traffic-meter.ts";
import type { NumericState } from "../src/policy.ts";
import { PolicyError } from "../src/policy-error.ts";
import type { Scenario } from "../src/scenario.ts";
import { simulate } from "../src/sim/simulation.ts";
import { FannedTrace } from "../src/trace.ts";
import { messageOf } from "./complaint.ts";
import { makePolicy, type PolicyChoice, policiesOf } from "./policy-choice.ts";
import { placeInFile } from "./policy-file.ts";

export interface RunTask {
  readonly scenario: Scenario;
  readonly policy: PolicyChoice;
  readonly seeds: readonly number[];
}

/** The figures of some runs as they travel between threads. */
export interface RunReport {
  readonly runs: readonly SeedReport[];
  /** The response times of all these runs, as one histogram: encoding each would take its time. */
  readonly responseUs: string;
}

export interface SeedReport {
  readonly figures: Omit<RunFigures, "responseUs">;
  readonly cut: boolean;
  /** The policy's state as the trigger begins, as a mean over clients. */
  readonly stateAtTrigger?: Readonly<NumericState>;
  readonly groups: Groups;
  /** Of the servers behind the server, in the order of the scenario. */
  readonly downstream: readonly Tally[];
}

/** Empty where the scenario does not tell its clients, or their calls, apart. */
export interface Groups {
  readonly cohorts: readonly GroupFigures[];
  readonly traffics: readonly GroupFigures[];
}

/** The policy failed: the user's to mend, told in one sentence. */
export interface RunComplaint {
  readonly complaint: string;
}

/** Far above the worst of ours, and soon enough for a policy that never stops. */
const ATTEMPTS_BOUND = 5_000_000;
const ATTEMPTS_BOUND_PER_CLIENT = 25;

export default async function runTask(task: RunTask): Promise<RunReport | RunComplaint> {
  const { scenario } = task;
  const policy = await makePolicy(task.policy, scenario);
  const policyOf = policiesOf(scenario);
  const reporter = new Reporter(scenario);
  for (const seed of task.seeds) {
    const meter = new RunMeter(scenario);
    const cohorts = scenario.cohorts.length > 0 ? cohortMeter(scenario, seed) : undefined;
    const traffics = scenario.traffics.length > 0 ? trafficMeter(scenario) : undefined;
    const meters = [meter, cohorts, traffics].filter((each) => each !== undefined);
    const downstreamTraces = scenario.downstream.map(() => new RunMeter(scenario));
    try {
      const { cut, meanState } = simulate({
        scenario,
        policy,
        policyOf,
        seed,
        downstreamTraces,
        trace: meters.length === 1 ? meter : new FannedTrace(...meters),
        attemptsBound: Math.max(ATTEMPTS_BOUND, ATTEMPTS_BOUND_PER_CLIENT * scenario.clients.count),
        stateAtMs: scenario.trigger?.fromMs,
      });
      const downstream = downstreamTraces.map((layer) => layer.figures().total);
      const groups = { cohorts: cohorts?.figures() ?? [], traffics: traffics?.figures() ?? [] };
      reporter.add(meter, cut, meanState, groups, downstream);
    } catch (error) {
      return { complaint: policyFault(task, seed, error) };
    }
  }
  return reporter.report();
}

/** Gathers the runs of one task. */
export class Reporter {
  readonly #runs: SeedReport[] = [];
  readonly #responseUs: Histogram;

  constructor({ patienceMs }: Scenario) {
    this.#responseUs = responseHistogram(patienceMs * 1000);
  }

  add(
    meter: RunMeter,
    cut: boolean,
    stateAtTrigger?: NumericState,
    groups: Groups = { cohorts: [], traffics: [] },
    downstream: readonly Tally[] = [],
  ): void {
    const { responseUs, ...figures } = meter.figures();
    this.#responseUs.add(responseUs);
    this.#runs.push({ figures, cut, stateAtTrigger, groups, downstream });
  }

  report(): RunReport {
    return { runs: this.#runs, responseUs: encodeIntoCompressedBase64(this.#responseUs) };
  }
}

/** What a policy did wrong in a run; errors that no policy caused are thrown on. */
export function policyFault({ policy, scenario }: RunTask, seed: number, error: unknown): string {
  if (error instanceof PolicyError) return `${policy.path ?? policy.name}: ${error.message}`;
  const place = policy.path === undefined ? undefined : placeInFile(error, policy.path);
  if (place === undefined) throw error;
  return `${place}: Policy "${policy.name}" threw in scenario "${scenario.name}", seed ${seed}: ${messageOf(error)}.`;
}
