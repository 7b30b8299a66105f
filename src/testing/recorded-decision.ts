/** One decision of a policy, as a test reads it. */
import { describeOutcome } from "../outcome.ts";
import type { Decision, Outcome, Policy, Question } from "../policy.ts";

export interface RecordedDecision {
  /** The policy's name. */
  readonly policy: string;
  /** Its number: see `clientId`. A retrying fetch has a client for each origin, numbered from 0. */
  readonly client: number;
  /** Counts the client's calls, from 1. */
  readonly call: number;
  /** Attempts made so far. */
  readonly attempt: number;
  readonly on: Question["kind"];
  /** How the last attempt failed; undefined before the first. */
  readonly outcome: Outcome | undefined;
  readonly decision: Decision;
}

/** A copy, since an event is valid during its decision only. */
export function recordOf(
  policy: Policy,
  { client, call }: { readonly client: number; readonly call: number },
  event: Question,
  decision: Decision,
): RecordedDecision {
  const attempt = event.kind === "start" ? 0 : event.attempt;
  const outcome = "outcome" in event ? event.outcome : undefined;
  return { policy: policy.name, client, call, attempt, on: event.kind, outcome, decision };
}

/** `call 1, failure of attempt 1 (rejected 503): wait 87 ms`; of another client, `client 1, call 1, ...` */
export function lineOf(one: RecordedDecision): string {
  const { client, call, attempt, on, outcome, decision } = one;
  const whose = client === 0 ? `call ${call}` : `client ${client}, call ${call}`;
  const about = on === "start" ? "start" : `${on} of attempt ${attempt}`;
  const how = on === "failure" && outcome ? ` (${describeOutcome(outcome)})` : "";
  return `${whose}, ${about}${how}: ${described(decision)}`;
}

function described(decision: Decision): string {
  if (decision.do === "wait") return `wait ${Math.round(decision.delayMs)} ms`;
  if (decision.do === "stop") return `stop, ${decision.why}`;
  return decision.resetSession ? "send, with a new session" : "send";
}
