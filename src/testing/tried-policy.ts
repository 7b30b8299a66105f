/**
 * A policy under test: it makes no more attempts than it may, its decisions are noted down, and its events
 * have the time of all calls, which never goes back.
 */
import type { Abandon, Decision, Policy, Question, Stop, Success } from "../policy.ts";

export interface Trial {
  readonly attemptsMax: number;
  /** How far the call's own time is behind that of all calls. */
  readonly behindMs: () => number;
  readonly note: (event: Question, decision: Decision) => void;
}

export function triedPolicy(policy: Policy, { attemptsMax, behindMs, note }: Trial): Policy {
  return {
    name: policy.name,
    initial: policy.initial,
    claim: policy.claim,
    hedges: policy.hedges,
    decide(state, event, random) {
      const asked = policy.decide(state, later(event, behindMs()), random);
      const decision = isSpent(event, attemptsMax) && asked.do !== "stop" ? ATTEMPTS : asked;
      note(event, decision);
      return decision;
    },
    observe:
      policy.observe && ((state, event) => policy.observe?.(state, later(event, behindMs()))),
  };
}

function later<E extends Question | Success | Abandon>(event: E, byMs: number): E {
  if (byMs === 0) return event;
  const inAllTime = { ...event, nowMs: event.nowMs + byMs };
  const deadlineMs = "deadlineMs" in event ? event.deadlineMs : undefined;
  return deadlineMs === undefined ? inAllTime : { ...inAllTime, deadlineMs: deadlineMs + byMs };
}

function isSpent(event: Question, attemptsMax: number): boolean {
  return (event.kind === "failure" || event.kind === "hedge") && event.attempt >= attemptsMax;
}

const ATTEMPTS: Stop = Object.freeze({ do: "stop", why: "attempts" });
