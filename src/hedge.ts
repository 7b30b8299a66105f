/** What `Ask` does for policies that hedge. Apart from the rest, so that only apps that hedge ship it. */
import { type Ask, type Call, DEADLINE, sinceMs } from "./ask.ts";
import { DELAY_MAX_MS } from "./clock.ts";
import type { Decision, Flags, Hedge, NumericState, Send } from "./policy.ts";
import { PolicyError, wrongAnswer } from "./policy-error.ts";

/** More than a wait has wakes. */
const PURPOSE_HEDGE = 2 ** 20;

/** The attempt sent last has been in flight for as long as its `hedgeAfterMs`, or as asked since. */
export function askHedge(
  ask: Ask,
  call: Call,
  state: NumericState,
  nowMs: number,
  flags: Flags,
): Decision {
  if (ask.isReached(nowMs, call.deadlineMs)) return DEADLINE;
  const event: Hedge = {
    kind: "hedge",
    nowMs,
    flags,
    deadlineMs: call.deadlineMs,
    attempt: call.attempt,
    elapsedMs: sinceMs(call.startedMs, nowMs),
    waitedMs: sinceMs(call.waitFromMs, nowMs),
    hedges: call.hedges,
  };
  const decision = ask.decide(call, state, event, PURPOSE_HEDGE + call.wakes++);
  if (decision.do === "stop") return decision;
  if (decision.do === "wait") return ask.wait(call, nowMs, decision.delayMs);
  if (decision.resetSession) throw new PolicyError(wrongAnswer(ask.policy.name, event, decision));
  call.hedges++;
  ask.counts.hedges++;
  return hedgeInTicks(ask, ask.sent(call, nowMs, decision));
}

/**
 * With `hedgeAfterMs` in whole ticks, and without one that never comes.
 *
 * @throws {PolicyError} when the policy does not say that it hedges
 */
export function hedgeInTicks(ask: Ask, send: Send): Send {
  const { hedgeAfterMs } = send;
  if (hedgeAfterMs === undefined) return send;
  if (!ask.policy.hedges) {
    throw new PolicyError(
      `Expected policy "${ask.policy.name}" to have \`hedges: true\`, for it sends with \`hedgeAfterMs\`.`,
    );
  }
  const afterMs = ask.inTicks(hedgeAfterMs);
  // setTimeout would fire at once.
  return { ...send, hedgeAfterMs: afterMs > DELAY_MAX_MS ? undefined : afterMs };
}
