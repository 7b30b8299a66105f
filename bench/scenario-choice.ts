/** From names and files to scenarios. */
import { readFileSync } from "node:fs";
import { z } from "zod";
import {
  defineScenario,
  SCENARIO_DEFAULTS,
  type Scenario,
  ScenarioError,
  ScenarioSchema,
} from "../src/scenario.ts";
import { scenarios } from "../src/scenarios/index.ts";
import type { Lane } from "./arguments.ts";
import { Complaint, didYouMean, messageOf } from "./complaint.ts";
import { mswCheck } from "./msw-check.ts";

/** @throws {Complaint} */
export function chooseScenarios(names: readonly string[], lane: Lane): Scenario[] {
  const byDefault = lane === "msw" ? [mswCheck] : scenarios;
  const chosen = names.length === 0 ? [...byDefault] : names.map(scenarioOf);
  const byName = new Map<string, Scenario>();
  for (const [index, scenario] of chosen.entries()) {
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

function scenarioOf(name: string): Scenario {
  const known = [...scenarios, mswCheck];
  const found = known.find((scenario) => scenario.name === name);
  if (found !== undefined) return found;
  if (name.endsWith(".json") || name.includes("/")) return readScenarioFile(name);
  const names = known.map((scenario) => scenario.name);
  throw new Complaint(
    `Expected --scenario to be a name of --list or the path of a JSON file, got "${name}"${didYouMean(name, names)}`,
  );
}

function readScenarioFile(path: string): Scenario {
  let input: unknown;
  try {
    input = JSON.parse(readFileSync(path, "utf8"));
  } catch (error) {
    throw new Complaint(
      `Expected --scenario to be a JSON file, got "${path}": ${messageOf(error)}.`,
    );
  }
  expectKnownKeys(path, input);
  try {
    return defineScenario(input);
  } catch (error) {
    if (error instanceof ScenarioError) throw new Complaint(`${path}: ${error.message}`);
    throw error;
  }
}

/** A misspelled key is told with the key that was meant. */
function expectKnownKeys(path: string, input: unknown): void {
  const given = typeof input === "object" ? input : {};
  const result = ScenarioSchema.safeParse({ ...SCENARIO_DEFAULTS, ...given });
  for (const issue of result.error?.issues ?? []) {
    if (issue.code !== "unrecognized_keys") continue;
    const [key] = issue.keys;
    const where = [...issue.path, key].join(".");
    throw new Complaint(
      `${path}: Expected only known keys, got "${where}"${didYouMean(key, knownKeys())}`,
    );
  }
}

function knownKeys(): string[] {
  const keys = new Set<string>();
  const walk = (node: unknown): void => {
    if (typeof node !== "object" || node === null) return;
    if ("properties" in node && typeof node.properties === "object" && node.properties !== null) {
      for (const key of Object.keys(node.properties)) keys.add(key);
    }
    for (const child of Object.values(node)) walk(child);
  };
  walk(z.toJSONSchema(ScenarioSchema));
  return [...keys];
}
