/** What is said of a policy that answers with something that is not a decision. */
import type { Decision, Question } from "./policy.ts";

/** A policy answered with something that is not a decision. */
export class PolicyError extends TypeError {
  override readonly name = "PolicyError";
}

/** What was asked, what was expected, and what came instead. */
export function wrongAnswer(policy: string, event: Question, answer: unknown): string {
  const asked =
    event.kind === "start" ? "the start of a call" : `a ${event.kind} (attempt ${event.attempt})`;
  return (
    `Expected policy "${policy}" to answer ${asked} with { do: "send" }, { do: "wait", delayMs } ` +
    `(a finite number ≥ 0) or { do: "stop", why }, got ${inspect(answer)}.`
  );
}

/** Policies come from JavaScript too, so the type alone says nothing. */
export function isDecision(decision: Decision): boolean {
  if (decision === null || typeof decision !== "object") return false;
  if (decision.do === "stop") return typeof decision.why === "string";
  const { deadlineMs } = decision;
  const isDeadline =
    deadlineMs === undefined || (typeof deadlineMs === "number" && !Number.isNaN(deadlineMs));
  if (decision.do === "send") {
    const { hedgeAfterMs } = decision;
    return isDeadline && (hedgeAfterMs === undefined || isDelay(hedgeAfterMs));
  }
  return decision.do === "wait" && isDeadline && isDelay(decision.delayMs);
}

function isDelay(ms: number): boolean {
  // null and "100" compare like numbers.
  return typeof ms === "number" && ms >= 0 && ms < Infinity;
}

function inspect(value: unknown): string {
  if (typeof value === "string") return JSON.stringify(value);
  if (value === null || typeof value !== "object") return String(value);
  if (value instanceof Promise) return "a promise";
  if (Array.isArray(value)) return `[${value.map(inspect).join(", ")}]`;
  const fields = Object.entries(value).map(([key, field]) => `${key}: ${inspect(field)}`);
  return fields.length === 0 ? "{}" : `{ ${fields.join(", ")} }`;
}
