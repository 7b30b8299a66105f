/** From the command line to exit code: what is asked for, run in both worlds, and told. */
import { none } from "../../policies/index.ts";
import { runLoopback } from "../../src/loopback/run.ts";
import type { Policy } from "../../src/policy.ts";
import type { Scenario } from "../../src/scenario.ts";
import { SilentTrace } from "../../src/trace.ts";
import { Complaint } from "../complaint.ts";
import { expectWritable, writeJson } from "../json-file.ts";
import { choosePolicies, makePolicy, type PolicyChoice } from "../policy-choice.ts";
import { showProgress } from "../progress.ts";
import { columnsToFill, endWhenNobodyReads } from "../terminal.ts";
import { type Arguments, readArguments } from "./arguments.ts";
import { calibrate } from "./calibrate.ts";
import { smoked, socketScenarios } from "./scenarios.ts";
import { resultOf, type SocketsResult, SocketsSchema } from "./schema.ts";
import { socketsReport } from "./sockets-report.ts";

const DIFFERS = 1;
const BAD_INPUT = 2;
const INTERRUPTED = 130;

/** @returns the exit code: 1 when a figure differs on a machine that kept up */
export async function sockets(argv: readonly string[]): Promise<number> {
  endWhenNobodyReads();
  const interrupt = new AbortController();
  for (const signal of ["SIGINT", "SIGTERM"]) process.once(signal, () => interrupt.abort());
  try {
    const asked = readArguments(argv);
    if (typeof asked === "string") {
      process.stdout.write(asked);
      return 0;
    }
    return await answer(asked, interrupt.signal);
  } catch (error) {
    if (interrupt.signal.aborted) return INTERRUPTED;
    if (!(error instanceof Complaint)) throw error;
    process.stderr.write(`${error.message}\n`);
    return BAD_INPUT;
  }
}

async function answer(asked: Arguments, signal: AbortSignal): Promise<number> {
  if (asked.json !== undefined) expectWritable(asked.json);
  const choices = await choosePolicies(asked.policies);
  const scenarios = asked.smoke ? asked.scenarios.map(smoked) : asked.scenarios;
  const results = await runAll({ ...asked, scenarios }, choices, signal);
  if (asked.json !== undefined) writeJson(asked.json, SocketsSchema.parse({ results }));
  process.stdout.write(socketsReport(scenarios, results, columnsToFill()));
  const differs = results.some(({ findings }) =>
    findings.some(({ verdict }) => verdict === "differs"),
  );
  return differs ? DIFFERS : 0;
}

/** One after the other: they would share the processor, and time is real here. */
async function runAll(
  { scenarios, seed, smoke }: Arguments,
  choices: readonly PolicyChoice[],
  signal: AbortSignal,
): Promise<SocketsResult[]> {
  const runs = scenarios.length * choices.length;
  const progress = showProgress(runs, runs);
  const results: SocketsResult[] = [];
  try {
    if (!smoke) await warmUp(signal);
    for (const scenario of scenarios) {
      const policies = await policiesIn(scenario, choices);
      const ran = () => progress.advance(1);
      const asked = { scenario, policies, seed, signal, repeats: !smoke, ran };
      const pairs = await calibrate(asked);
      results.push(...pairs.map((pair) => resultOf(pair, !smoke)));
    }
  } finally {
    progress.stop();
  }
  return results;
}

/** The first run of a process has its code to compile, and sockets to learn. */
async function warmUp(signal: AbortSignal): Promise<void> {
  const scenario = smoked(socketScenarios[0]);
  await runLoopback({ scenario, policy: none(), seed: 1, trace: new SilentTrace(), signal });
}

async function policiesIn(scenario: Scenario, choices: readonly PolicyChoice[]): Promise<Policy[]> {
  const policies: Policy[] = [];
  for (const choice of choices) policies.push(await makePolicy(choice, scenario));
  return policies;
}
