/** From names and files to policies; workers are told the choice, and make the policy themselves. */
import { statSync } from "node:fs";
import { resolve } from "node:path";
import { type PolicyName, registry } from "../policies/index.ts";
import type { Policy } from "../src/policy.ts";
import type { Scenario } from "../src/scenario.ts";
import { Complaint, didYouMean } from "./complaint.ts";
import { nearestFile } from "./nearest-file.ts";
import { loadPolicyFile } from "./policy-file.ts";

export interface PolicyChoice {
  readonly name: string;
  /** Of a policy of one's own. */
  readonly path?: string;
}

/** In order of the registry, which goes from simple to composed, with the user's own last. */
export const policyNames = Object.keys(registry);

/** What recovery and every comparison is measured against. */
export const NONE: PolicyChoice = { name: "none" };

/** @throws {Complaint} */
export async function choosePolicies(words: readonly string[]): Promise<PolicyChoice[]> {
  const chosen: PolicyChoice[] = [];
  for (const word of words.length === 0 ? policyNames : [...new Set(words)]) {
    const choice = policyNames.includes(word) ? { name: word } : await ownPolicy(word);
    if (
      choice.path !== undefined &&
      [...policyNames, ...chosen.map(nameOf)].includes(choice.name)
    ) {
      throw new Complaint(
        `${word}: Expected a policy with a name of its own, got "${choice.name}".`,
      );
    }
    chosen.push(choice);
  }
  return chosen.sort((a, b) => place(a) - place(b));
}

/** Whoever comes later is no simpler, which is what comparisons under a table are about. */
function place({ name }: PolicyChoice): number {
  const index = policyNames.indexOf(name);
  return index < 0 ? policyNames.length : index;
}

/** The policy as this scenario sets it. */
export async function makePolicy(choice: PolicyChoice, scenario: Scenario): Promise<Policy> {
  if (choice.path !== undefined) return await loadPolicyFile(choice.path);
  return registered(choice.name as PolicyName, scenario);
}

/**
 * What the scenario itself names, as this scenario sets it; the same object for the same name.
 *
 * @throws {Complaint} when it is not in the registry
 */
export function policiesOf(scenario: Scenario): (name: string) => Policy {
  const made = new Map<string, Policy>();
  return (name) => {
    if (!isRegistered(name)) {
      throw new Complaint(
        `Expected the policies of scenario "${scenario.name}" to be names of --list, got "${name}"${didYouMean(name, policyNames)}`,
      );
    }
    const policy = made.get(name) ?? registered(name, scenario);
    made.set(name, policy);
    return policy;
  };
}

function isRegistered(name: string): name is PolicyName {
  return policyNames.includes(name);
}

function registered(name: PolicyName, scenario: Scenario): Policy {
  const { attemptsMax, ...retry } = scenario.retry;
  return registry[name].make({
    ...retry,
    attemptsMax: attemptsMax ?? Infinity,
    // A policy with a deadline takes the user's patience for it unless the caller sets one.
    deadlineMs: scenario.clients.deadlineMs ?? scenario.patienceMs,
  });
}

async function ownPolicy(word: string): Promise<PolicyChoice> {
  const path = resolve(word);
  const looksLikePath = word.includes("/") || /\.[cm]?[jt]s$/.test(word);
  if (!looksLikePath) {
    throw new Complaint(
      `Expected --policy to be a name of --list or the path of a file, got "${word}"${didYouMean(word, policyNames)}`,
    );
  }
  if (statSync(path, { throwIfNoEntry: false })?.isFile() !== true) {
    throw new Complaint(`Expected --policy to be a file, got "${word}"${nearestFile(path)}`);
  }
  return { name: (await loadPolicyFile(path)).name, path };
}

function nameOf(named: { readonly name: string }): string {
  return named.name;
}
