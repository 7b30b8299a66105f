/** From names and files to scenarios. */
import { onlySimulated } from "../src/lane/only-simulated.ts";
import type { Scenario } from "../src/scenario.ts";
import { scenarios } from "../src/scenarios/index.ts";
import { signupSurge40m } from "../src/scenarios/signup-surge.ts";
import type { Lane } from "./arguments.ts";
import { Complaint, didYouMean } from "./complaint.ts";
import { mswCheck } from "./msw-check.ts";
import { policiesOf } from "./policy-choice.ts";
import { readScenarioFile } from "./scenario-file.ts";

/** All that can be asked for by name; only `scenarios` run unasked. */
export const namedScenarios: readonly Scenario[] = [...scenarios, signupSurge40m, mswCheck];

/** @throws {Complaint} */
export async function chooseScenarios(names: readonly string[], lane: Lane): Promise<Scenario[]> {
  const byDefault = lane === "msw" ? [mswCheck] : scenarios;
  const chosen = names.length === 0 ? [...byDefault] : await Promise.all(names.map(scenarioOf));
  const byName = new Map<string, Scenario>();
  for (const [index, scenario] of chosen.entries()) {
    expectKnownPolicies(scenario);
    const only = lane === "msw" ? onlySimulated(scenario) : undefined;
    if (only !== undefined) {
      throw new Complaint(
        `Expected a scenario without ${only.field} for --lane msw, got "${names[index]}": ${only.why}.`,
      );
    }
    if (lane === "msw" && scenario.tickUs !== 1000) {
      throw new Complaint(
        `Expected a scenario with tickUs 1000 for --lane msw, got "${names[index]}", did you mean "${mswCheck.name}"?`,
      );
    }
    const other = byName.get(scenario.name);
    if (other !== undefined && names.indexOf(names[index]) === index) {
      throw new Complaint(`Expected scenarios of different names, got "${scenario.name}" twice.`);
    }
    byName.set(scenario.name, scenario);
  }
  return [...byName.values()];
}

/** Now, and not in the middle of its first run. */
function expectKnownPolicies(scenario: Scenario): void {
  const policyOf = policiesOf(scenario);
  const named = [
    ...scenario.downstream.map(({ caller }) => caller.policy),
    ...scenario.traffics.map(({ policy }) => policy),
    ...scenario.cohorts.flatMap(({ policy, rollout }) => [policy, rollout?.policy]),
  ];
  for (const name of named) if (name !== undefined) policyOf(name);
}

async function scenarioOf(name: string): Promise<Scenario> {
  const found = namedScenarios.find((scenario) => scenario.name === name);
  if (found !== undefined) return found;
  if (name.endsWith(".json") || name.includes("/")) return await readScenarioFile(name);
  const names = namedScenarios.map((scenario) => scenario.name);
  throw new Complaint(
    `Expected --scenario to be a name of --list or the path of a JSON file, got "${name}"${didYouMean(name, names)}`,
  );
}
