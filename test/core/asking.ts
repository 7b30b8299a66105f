/** Asks a policy by hand: the test moves time, and sees every event that the policy saw. */
import { Ask, Call, NO_FLAGS } from "../../src/ask.ts";
import { askHedge, hedgeInTicks } from "../../src/hedge.ts";
import type { Decision, Policy, Question } from "../../src/policy.ts";

export type Answer = (event: Question) => Decision;

export const SEND: Decision = { do: "send" };
export const wait = (delayMs: number): Decision => ({ do: "wait", delayMs });

/** Sends first attempts, and answers failures and wakes as given. */
export const retrying =
  (afterFailure: Decision, afterWake: Decision = SEND): Answer =>
  ({ kind }) =>
    kind === "start" ? SEND : kind === "failure" ? afterFailure : afterWake;

interface Asking extends Pick<Policy, "hedges" | "observe"> {
  readonly tickMs?: number;
  readonly startMs?: number;
}

export function asking(answer: Answer, { tickMs = 1, startMs = 0, ...own }: Asking = {}) {
  const seen: Question[] = [];
  const keys: string[] = [];
  const policy: Policy = {
    name: "asked",
    initial: {},
    ...own,
    decide(_state, event, random) {
      seen.push({ ...event });
      random();
      return answer(event);
    },
  };
  const random = (...key: number[]) => {
    keys.push(key.join(" "));
    return () => 0.5;
  };
  const ask = new Ask({ policy, random, tickMs });
  const call = new Call();
  call.client = 8;
  call.call = 3;
  return {
    ask,
    call,
    seen,
    keys,
    start: (deadlineMs?: number) => {
      const decision = ask.start(call, {}, startMs, NO_FLAGS, deadlineMs);
      return decision.do === "send" ? hedgeInTicks(ask, decision) : decision;
    },
    fail: (nowMs: number) => ask.failure(call, {}, nowMs, NO_FLAGS, { kind: "timeout" }),
    failFatally: (nowMs: number) => ask.failure(call, {}, nowMs, NO_FLAGS, { kind: "fatal" }),
    wake: (nowMs: number) => ask.wake(call, {}, nowMs, NO_FLAGS),
    hedge: (nowMs: number) => askHedge(ask, call, {}, nowMs, NO_FLAGS),
  };
}
