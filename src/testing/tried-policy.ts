/** A policy under test: it makes no more attempts than it may, and its decisions are noted down. */
import type { Decision, Policy, Question, Stop } from "../policy.ts";

export function triedPolicy(
  policy: Policy,
  attemptsMax: number,
  note: (event: Question, decision: Decision) => void,
): Policy {
  return {
    name: policy.name,
    initial: policy.initial,
    claim: policy.claim,
    hedges: policy.hedges,
    decide(state, event, random) {
      const asked = policy.decide(state, event, random);
      const decision = isSpent(event, attemptsMax) && asked.do !== "stop" ? ATTEMPTS : asked;
      note(event, decision);
      return decision;
    },
    observe: policy.observe && ((state, event) => policy.observe?.(state, event)),
  };
}

function isSpent(event: Question, attemptsMax: number): boolean {
  return (event.kind === "failure" || event.kind === "hedge") && event.attempt >= attemptsMax;
}

const ATTEMPTS: Stop = Object.freeze({ do: "stop", why: "attempts" });
