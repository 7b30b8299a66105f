/** From the command line to exit code: what is asked for, run, and told. */

import type { Scenario } from "../src/scenario.ts";
import { type Arguments, readArguments } from "./arguments.ts";
import { Complaint } from "./complaint.ts";
import { expectWritable, writeJson } from "./json-file.ts";
import { list } from "./list.ts";
import { choosePolicies, makePolicy, type PolicyChoice } from "./policy-choice.ts";
import { quickened } from "./quick.ts";
import { ResultsSchema } from "./results-schema.ts";
import { chooseScenarios } from "./scenario-choice.ts";
import { columnsToFill, endWhenNobodyReads } from "./terminal.ts";

const INTERRUPTED = 130;
const BAD_INPUT = 2;

/** @returns the exit code */
export async function bench(argv: readonly string[]): Promise<number> {
  endWhenNobodyReads();
  const interrupt = new AbortController();
  try {
    const asked = readArguments(argv);
    process.stdout.write(typeof asked === "string" ? asked : await answer(asked, interrupt));
    return 0;
  } catch (error) {
    if (interrupt.signal.aborted) return INTERRUPTED;
    if (!(error instanceof Complaint)) throw error;
    process.stderr.write(`${error.message}\n`);
    return BAD_INPUT;
  }
}

async function answer(asked: Arguments, interrupt: AbortController): Promise<string> {
  const columns = columnsToFill();
  if (asked.list) return list(columns);
  const chosen = await chooseScenarios(asked.scenarios, asked.lane);
  const scenarios = asked.quick ? chosen.map(quickened) : chosen;
  const policies = await choosePolicies(asked.policies);
  if (asked.explain && asked.json !== undefined) {
    throw new Complaint("Expected --explain or --json, got both: one call's life is no result.");
  }
  if (asked.json !== undefined) expectWritable(asked.json);
  if (asked.explain) return await explainCall(asked, asked.explain, scenarios, policies);
  // The statistics take a third of a second to load: only those who wait anyway wait for them.
  const { compare } = await import("./compare.ts");
  // Not before: what runs in this thread, a policy file's own code included, dies by the default.
  for (const signal of ["SIGINT", "SIGTERM"]) process.once(signal, () => interrupt.abort());
  const { text, results } = await compare({
    ...asked,
    scenarios,
    policies,
    columns,
    signal: interrupt.signal,
  });
  if (asked.json !== undefined) writeJson(asked.json, ResultsSchema.parse({ results }));
  return text();
}

async function explainCall(
  { lane }: Arguments,
  { seed, call }: { seed: number; call: number },
  scenarios: readonly Scenario[],
  policies: readonly PolicyChoice[],
): Promise<string> {
  if (scenarios.length !== 1 || policies.length !== 1 || lane !== "sim") {
    throw new Complaint(
      `Expected --explain with one --scenario and one --policy in the simulator, got ${scenarios.length} of the one and ${policies.length} of the other in lane "${lane}".`,
    );
  }
  const { explain } = await import("./explain.ts");
  const policy = await makePolicy(policies[0], scenarios[0]);
  return explain({ scenario: scenarios[0], policy, seed, call });
}
