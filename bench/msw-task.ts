/** Some runs in both worlds, request by request: the simulator, and the helper with real fetch against MSW. */
import { RunMeter } from "../src/measure/run-figures.ts";
import { runMsw } from "../src/msw/run.ts";
import { simulate } from "../src/sim/simulation.ts";
import { FannedTrace, RecordedTrace } from "../src/trace.ts";
import { makePolicy } from "./policy-choice.ts";
import {
  policyFault,
  Reporter,
  type RunComplaint,
  type RunReport,
  type RunTask,
} from "./run-task.ts";

export interface MswReport {
  /** By seed. */
  readonly agreements: readonly Agreement[];
  /** The runs with real fetch. */
  readonly report: RunReport;
}

export interface Agreement {
  readonly scenario: string;
  readonly seed: number;
  readonly requests: number;
  /** The first line that differs; null when the worlds agree. */
  readonly difference: {
    readonly line: number;
    readonly simulator: string;
    readonly msw: string;
  } | null;
}

export default async function mswTask(task: RunTask): Promise<MswReport | RunComplaint> {
  const { scenario } = task;
  const policy = await makePolicy(task.policy, scenario);
  const reporter = new Reporter(scenario);
  const agreements: Agreement[] = [];
  for (const seed of task.seeds) {
    const simulated = new RecordedTrace();
    const fetched = new RecordedTrace();
    const meter = new RunMeter(scenario);
    try {
      simulate({ scenario, policy, seed, trace: simulated });
      const trace = new FannedTrace(meter, fetched);
      const { cut } = await runMsw({ scenario, policy, seed, trace });
      reporter.add(meter, cut);
    } catch (error) {
      return { complaint: policyFault(task, seed, error) };
    }
    agreements.push({
      scenario: scenario.name,
      seed,
      requests: fetched.lines.filter((line) => line.endsWith(" sent")).length,
      difference: firstDifference(simulated.lines, fetched.lines),
    });
  }
  return { agreements, report: reporter.report() };
}

function firstDifference(simulated: readonly string[], fetched: readonly string[]) {
  const lines = Math.max(simulated.length, fetched.length);
  for (let index = 0; index < lines; index++) {
    const [simulator = "(the end)", msw = "(the end)"] = [simulated[index], fetched[index]];
    if (simulator !== msw) return { line: index + 1, simulator, msw };
  }
  return null;
}
