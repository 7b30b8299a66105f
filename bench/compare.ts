/** Runs every policy in every scenario on every seed, and makes rows of it. */
import { callsPerSecond } from "../src/measure/recovery.ts";
import type { Claim } from "../src/policy.ts";
import type { LoadSpec, Scenario } from "../src/scenario.ts";
import { trafficsOf } from "../src/traffic.ts";
import type { Lane } from "./arguments.ts";
import { Complaint, messageOf } from "./complaint.ts";
import { mswCheck } from "./msw-check.ts";
import type { MswReport } from "./msw-task.ts";
import { makePolicy, NONE, type PolicyChoice } from "./policy-choice.ts";
import { showProgress } from "./progress.ts";
import { inOwnMemory } from "./recording/in-own-memory.ts";
import { report, type Section } from "./report.ts";
import { type Row, rowOf } from "./results.ts";
import type { Result } from "./results-schema.ts";
import type { RunReport, RunTask } from "./run-task.ts";
import { runTasks } from "./workers.ts";

export interface Comparison {
  readonly scenarios: readonly Scenario[];
  readonly policies: readonly PolicyChoice[];
  readonly lane: Lane;
  readonly seeds: number;
  readonly quick: boolean;
  readonly workers: number;
  readonly columns: number;
  readonly signal: AbortSignal;
}

export async function compare(
  asked: Comparison,
): Promise<{ results: Result[]; text: () => string }> {
  const { lane } = asked;
  const claims: ReadonlyMap<string, Claim>[] = [];
  for (const scenario of asked.scenarios) claims.push(await claimsIn(scenario, asked.policies));
  const { runs, checks } = await runAll(asked);
  const sections: Section[] = [];
  for (const [index, scenario] of asked.scenarios.entries()) {
    const rows: Row[] = [];
    for (const policy of asked.policies) {
      rows.push(
        rowOf({
          scenario,
          policy: policy.name,
          lane,
          reports: runs.of(scenario, policy),
          reportsOfNone: runs.of(scenario, NONE),
          agreements: checks
            .of(lane === "msw" ? scenario : mswCheck, policy)
            .flatMap(({ agreements }) => agreements),
        }),
      );
    }
    sections.push({ scenario, rows, claims: claims[index] });
  }
  return {
    results: sections.flatMap(({ rows }) => rows.map(({ result }) => result)),
    text: () => report(sections, asked),
  };
}

/** Enough to share the cost of a report, few enough to keep all workers busy to the end. */
const SEEDS_PER_TASK = 5;

interface Reports<Report> {
  of(scenario: Scenario, policy: PolicyChoice): Report[];
}

async function runAll({ scenarios, policies, lane, seeds, workers, signal }: Comparison) {
  // Recovery is measured against `none` on the same seed, asked for or not.
  const all = policies.some(({ name }) => name === NONE.name) ? policies : [NONE, ...policies];
  const measured = tasksOf(lane === "msw" ? scenarios.map(inOwnMemory) : scenarios, all, seeds);
  const checked = lane === "msw" ? measured : tasksOf([mswCheck], policies, 1);
  const simulated = lane === "msw" ? [] : measured;
  const tasks = [...simulated, ...checked];
  const progress = showProgress(
    tasks.reduce((sum, { seeds }) => sum + seeds.length, 0),
    tasks.reduce((sum, task) => sum + callsOf(task), 0),
  );
  const done = (task: RunTask) => progress.advance(callsOf(task));
  const failure = new AbortController();
  const ended = AbortSignal.any([signal, failure.signal]);
  try {
    const [runs, checks] = await Promise.all([
      runTasks<RunTask, RunReport>(
        { module: new URL("./run-task.ts", import.meta.url), runtime: "worker_threads", workers },
        simulated,
        ended,
        done,
      ),
      runTasks<RunTask, MswReport>(
        {
          module: new URL("./msw-task.ts", import.meta.url),
          runtime: "child_process",
          workers: lane === "msw" ? workers : 1,
        },
        checked,
        ended,
        done,
      ),
    ]);
    const fetched = reportsOf(checked, checks);
    const runsFetched = reportsOf(
      checked,
      checks.map(({ report }) => report),
    );
    return { runs: lane === "msw" ? runsFetched : reportsOf(simulated, runs), checks: fetched };
  } catch (error) {
    // What fails in one crew ends the other too.
    failure.abort();
    throw error;
  } finally {
    progress.stop();
  }
}

/** A few seeds each, the longest first: a long one that came last would keep all others waiting. */
function tasksOf(
  scenarios: readonly Scenario[],
  policies: readonly PolicyChoice[],
  seeds: number,
): RunTask[] {
  const firsts = Array.from(
    { length: Math.ceil(seeds / SEEDS_PER_TASK) },
    (_, index) => index * SEEDS_PER_TASK,
  );
  return [...scenarios]
    .sort((a, b) => callsIn(b) - callsIn(a))
    .flatMap((scenario) =>
      policies.flatMap((policy) =>
        firsts.map((first) => ({
          scenario,
          policy,
          seeds: Array.from(
            { length: Math.min(SEEDS_PER_TASK, seeds - first) },
            (_, index) => first + index + 1,
          ),
        })),
      ),
    );
}

function reportsOf<Report>(tasks: readonly RunTask[], reports: readonly Report[]): Reports<Report> {
  return {
    of: (scenario, policy) =>
      reports.filter(
        (_, index) =>
          tasks[index].scenario.name === scenario.name && tasks[index].policy.name === policy.name,
      ),
  };
}

function callsOf({ scenario, seeds }: RunTask): number {
  return callsIn(scenario) * seeds.length;
}

/** About how many calls a run has. */
function callsIn(scenario: Scenario): number {
  return trafficsOf(scenario).reduce((sum, { load }) => sum + callsOfLoad(load, scenario), 0);
}

function callsOfLoad(load: LoadSpec, scenario: Scenario): number {
  const { clients, runMs } = scenario;
  if (load.kind === "herd") return clients.count;
  if (load.kind === "recorded") return load.atMs.length;
  let calls = 0;
  for (let atMs = 0; atMs < runMs; atMs += 1_000) calls += callsPerSecond(load, scenario, atMs);
  return calls;
}

/** @throws {Complaint} when the scenario's numbers make no such policy, before anything runs */
async function claimsIn(
  scenario: Scenario,
  policies: readonly PolicyChoice[],
): Promise<Map<string, Claim>> {
  const claims = new Map<string, Claim>();
  for (const choice of policies) {
    try {
      const { claim } = await makePolicy(choice, scenario);
      if (claim !== undefined) claims.set(choice.name, claim);
    } catch (error) {
      throw new Complaint(
        `Scenario "${scenario.name}" makes no policy "${choice.name}": ${messageOf(error)}`,
      );
    }
  }
  return claims;
}
