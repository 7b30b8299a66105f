/** One run in the simulator: what a worker thread does. */
import { encodeIntoCompressedBase64 } from "hdr-histogram-js";
import { PolicyError } from "../src/ask.ts";
import { type RunFigures, RunMeter } from "../src/measure/run-figures.ts";
import type { NumericState, Policy } from "../src/policy.ts";
import type { Scenario } from "../src/scenario.ts";
import { simulate } from "../src/sim/simulation.ts";
import { messageOf } from "./complaint.ts";
import { makePolicy, type PolicyChoice } from "./policy-choice.ts";
import { placeInFile } from "./policy-file.ts";

export interface RunTask {
  readonly scenario: Scenario;
  readonly policy: PolicyChoice;
  readonly seed: number;
}

/** The figures of a run as they travel between threads. */
export interface RunReport {
  readonly figures: Omit<RunFigures, "responseUs">;
  readonly responseUs: string;
  readonly cut: boolean;
  /** The policy's state as the trigger begins, as a mean over clients. */
  readonly stateAtTrigger?: Readonly<NumericState>;
}

/** The policy failed: the user's to mend, told in one sentence. */
export interface RunComplaint {
  readonly complaint: string;
}

/** Far above the worst of ours, and soon enough for a policy that never stops. */
const ATTEMPTS_BOUND = 5_000_000;

export default async function runTask(task: RunTask): Promise<RunReport | RunComplaint> {
  const { scenario, seed } = task;
  const policy = await makePolicy(task.policy, scenario);
  const meter = new RunMeter(scenario);
  try {
    const stateAtMs = scenario.trigger?.fromMs;
    const end = simulate({
      scenario,
      policy,
      seed,
      trace: meter,
      attemptsBound: ATTEMPTS_BOUND,
      stateAtMs,
    });
    return reportOf(meter, end.cut, end.meanState);
  } catch (error) {
    return { complaint: policyFault(task, policy, error) };
  }
}

export function reportOf(meter: RunMeter, cut: boolean, state?: NumericState): RunReport {
  const { responseUs, ...figures } = meter.figures();
  return {
    figures,
    responseUs: encodeIntoCompressedBase64(responseUs),
    cut,
    stateAtTrigger: state,
  };
}

/** What a policy did wrong in a run; errors that no policy caused are thrown on. */
export function policyFault(
  { policy: choice, scenario, seed }: RunTask,
  policy: Policy,
  error: unknown,
): string {
  if (error instanceof PolicyError) return `${choice.path ?? choice.name}: ${error.message}`;
  const place = choice.path === undefined ? undefined : placeInFile(error, choice.path);
  if (place === undefined) throw error;
  return `${place}: Policy "${policy.name}" threw in scenario "${scenario.name}", seed ${seed}: ${messageOf(error)}.`;
}
