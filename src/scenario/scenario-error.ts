import type { z } from "zod";
import { show } from "./issue-message.ts";

/** A scenario that cannot be run; the message is one sentence. */
export class ScenarioError extends Error {
  override readonly name = "ScenarioError";
  /** Where the mistake is; of an unknown key, the key included. */
  readonly path: readonly PropertyKey[];

  constructor(scenario: unknown, issues: readonly z.core.$ZodIssue[]) {
    // What seems to be missing may be there under a misspelled name.
    const issue = issues.find(({ code }) => code === "unrecognized_keys") ?? issues[0];
    const where = issue.path.length === 0 ? "" : `${issue.path.join(".")}: `;
    super(`Scenario ${nameOf(scenario)}: ${where}${issue.message}`);
    this.path = issue.code === "unrecognized_keys" ? [...issue.path, issue.keys[0]] : issue.path;
  }
}

function nameOf(scenario: unknown): string {
  const isObject = typeof scenario === "object" && scenario !== null;
  const name = isObject && "name" in scenario ? scenario.name : undefined;
  return typeof name === "string" ? show(name) : '"unnamed"';
}
