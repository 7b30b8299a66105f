import type { z } from "zod";

/** A scenario that cannot be run; the message is one sentence. */
export class ScenarioError extends Error {
  override readonly name = "ScenarioError";

  constructor(scenario: unknown, issue: z.core.$ZodIssue) {
    const name = valueAt(scenario, ["name"]);
    const where = issue.path.length === 0 ? "the scenario" : issue.path.join(".");
    const expected = issue.message
      .replace(/^(Invalid [a-z ]+|Too small|Too big)[:.] /, "")
      .replace(/, received .*$/, "")
      .replace(/^[A-Z]/, (letter) => letter.toLowerCase());
    const got =
      issue.code === "unrecognized_keys" ? "" : `, got ${show(valueAt(scenario, issue.path))}`;
    super(
      `Scenario "${typeof name === "string" ? name : "unnamed"}": ${where}: ${expected}${got}.`,
    );
  }
}

function valueAt(whole: unknown, path: readonly PropertyKey[]): unknown {
  return path.reduce<unknown>((value, key) => {
    return typeof value === "object" && value !== null ? Reflect.get(value, key) : undefined;
  }, whole);
}

/** JSON has no NaN and no Infinity, and no big integers. */
function show(value: unknown): string {
  const isData = typeof value === "string" || typeof value === "object";
  return isData ? JSON.stringify(value) : String(value);
}
