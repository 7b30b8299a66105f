/** Is this a policy? Asked once, where a policy comes in: from an app's code or a user's file. */
import type { Policy } from "../src/policy.ts";

/**
 * Returns the value when it has the shape of a policy. Whether its decisions are decisions, `Ask` checks
 * one by one.
 *
 * @throws {TypeError} naming the first thing that is wrong
 * @example
 * ```ts
 * import { checkPolicy } from "stormproof/policies";
 *
 * const once = checkPolicy({
 *   name: "once",
 *   initial: {},
 *   decide: (_state, event) =>
 *     event.kind === "failure" ? { do: "stop", why: "attempts" } : { do: "send" },
 * });
 * once.name; // => "once"
 * ```
 */
export function checkPolicy(value: unknown): Policy {
  if (!isRecord(value)) {
    fail("a policy to be an object with `name`, `initial` and `decide`", value);
  }
  const { name, initial, decide, observe, claim } = value;
  if (typeof name !== "string" || name === "") fail("a policy's `name` to be a word", name);
  const of = `of policy "${name}"`;
  if (!isRecord(initial) || Array.isArray(initial)) {
    fail(`\`initial\` ${of} to be an object of numbers`, initial);
  }
  for (const [key, number] of Object.entries(initial)) {
    if (!Number.isFinite(number)) fail(`\`initial.${key}\` ${of} to be a finite number`, number);
  }
  if (typeof decide !== "function") fail(`\`decide\` ${of} to be a function`, decide);
  if (observe !== undefined && typeof observe !== "function") {
    fail(`\`observe\` ${of} to be a function`, observe);
  }
  if (claim !== undefined) checkClaim(claim, of);
  return value as unknown as Policy;
}

function checkClaim(claim: unknown, of: string): void {
  if (!isRecord(claim)) {
    fail(`\`claim\` ${of} to be { burstPerClient, ratio, perSecond }`, claim);
  }
  for (const key of ["burstPerClient", "ratio", "perSecond"]) {
    const number = claim[key];
    if (!Number.isFinite(number) || Number(number) < 0) {
      fail(`\`claim.${key}\` ${of} to be a finite number ≥ 0`, number);
    }
  }
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null;
}

function fail(expected: string, got: unknown): never {
  const shown =
    typeof got === "string" ? `"${got}"` : Array.isArray(got) ? "an array" : String(got);
  throw new TypeError(`Expected ${expected}, got ${shown}.`);
}
