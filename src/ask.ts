/**
 * The one way from a driver to a policy. It fills in the facts of the event, validates and clamps the
 * decision, applies the call's deadline, and counts; so no driver and no policy does any of it again.
 */
import { DELAY_MAX_MS } from "./clock.ts";
import type {
  Abandon,
  Decision,
  Failure,
  Flags,
  NumericState,
  Outcome,
  Policy,
  Question,
  Random,
  Send,
  Start,
  Stop,
  StopReason,
  Success,
  Wait,
  Wake,
} from "./policy.ts";
import { isDecision, PolicyError, wrongAnswer } from "./policy-error.ts";
import type { CallCounts } from "./run.ts";

/** What a driver remembers of one call; `Ask` alone writes it. */
export class Call {
  client = 0;
  call = 0;
  startedMs = 0;
  /** Attempts sent so far. */
  attempt = 0;
  delayBeforeMs = 0;
  deadlineMs: number | undefined = undefined;
  /** Sent since the last attempt that was none. */
  hedges = 0;
  /** Since when it waits: to be sent, or, from the sending of its last attempt on, to be answered. */
  waitFromMs = 0;
  waitUntilMs = 0;
  wakes = 0;
  outcome: Outcome | undefined = undefined;
}

/** The draws of one decision: `KeyedRandom.key(...).next` in the simulator and the MSW lane. */
export type DecisionRandom = (
  client: number,
  call: number,
  attempt: number,
  purpose: number,
) => Random;

export interface AskOptions {
  readonly policy: Policy;
  readonly random: DecisionRandom;
  /** Waits are rounded up to this, so nothing is sent earlier than asked. */
  readonly tickMs: number;
  /** The books of a run that asks several policies; by default its own. */
  readonly counts?: AskCounts;
}

/** Of every call asked about so far. */
export type AskCounts = Mutable<CallCounts>;

type Mutable<T> = { -readonly [K in keyof T]: T[K] };

export class Ask {
  readonly policy: Policy;
  readonly counts: AskCounts;
  readonly #random: DecisionRandom;
  readonly #tickMs: number;
  readonly #noiseMs: number;
  // One event of each kind, reused: a run decides millions of times.
  readonly #start: Mutable<Start>;
  readonly #failure: Mutable<Failure>;
  readonly #wake: Mutable<Wake>;
  readonly #success: Mutable<Success>;
  readonly #abandon: Mutable<Abandon>;

  constructor({ policy, random, tickMs, counts = noCounts() }: AskOptions) {
    this.policy = policy;
    this.counts = counts;
    this.#random = random;
    this.#tickMs = tickMs;
    // Microseconds are fractions here: 0.1 + 0.2 is more than 0.3, and a wait of 0.2 must end at 0.3.
    this.#noiseMs = tickMs < 1 ? tickMs / 100 : tickMs / 1e6;
    const now = { nowMs: 0, flags: NO_FLAGS };
    const facts = { ...now, deadlineMs: undefined, attempt: 0, elapsedMs: 0 };
    const sent = { latencyMs: 0, hedges: 0 };
    this.#start = { kind: "start", ...now, deadlineMs: undefined };
    this.#failure = { kind: "failure", ...facts, ...sent, delayBeforeMs: 0, outcome: TIMEOUT };
    this.#wake = { kind: "wake", ...facts, waitedMs: 0, remainingMs: 0, outcome: undefined };
    this.#success = { kind: "success", ...now, attempt: 0, elapsedMs: 0, ...sent };
    this.#abandon = { kind: "abandon", ...now, attempt: 0, during: "wait", waitedMs: 0 };
  }

  /** A call begins. `call` may be a used one: all of it is written anew. */
  start(
    call: Call,
    state: NumericState,
    nowMs: number,
    flags: Flags,
    deadlineMs?: number,
  ): Decision {
    this.counts.calls++;
    call.startedMs = nowMs;
    call.attempt = 0;
    call.delayBeforeMs = 0;
    call.deadlineMs = deadlineMs;
    call.wakes = 0;
    call.outcome = undefined;
    call.waitFromMs = nowMs;
    call.waitUntilMs = nowMs;
    const event = this.#start;
    event.nowMs = nowMs;
    event.flags = flags;
    event.deadlineMs = deadlineMs;
    const decision = this.decide(call, state, event, PURPOSE_START);
    if (decision.do !== "stop" && decision.deadlineMs !== undefined) {
      call.deadlineMs = Math.min(deadlineMs ?? decision.deadlineMs, decision.deadlineMs);
    }
    return this.#apply(call, state, nowMs, flags, decision);
  }

  /** The attempt in flight failed, or the last of several; by default it was the last one sent. */
  failure(
    call: Call,
    state: NumericState,
    nowMs: number,
    flags: Flags,
    outcome: Outcome,
    sentMs = call.waitFromMs,
  ): Decision {
    call.outcome = outcome;
    call.wakes = 0;
    call.waitFromMs = nowMs;
    call.waitUntilMs = nowMs;
    const event = this.#failure;
    event.nowMs = nowMs;
    event.flags = flags;
    event.deadlineMs = call.deadlineMs;
    event.attempt = call.attempt;
    event.elapsedMs = sinceMs(call.startedMs, nowMs);
    event.latencyMs = sinceMs(sentMs, nowMs);
    event.delayBeforeMs = call.delayBeforeMs;
    event.hedges = call.hedges;
    event.outcome = outcome;
    const decision = this.decide(call, state, event, PURPOSE_FAILURE);
    if (outcome.kind === "fatal") return NOT_RETRYABLE;
    return this.#apply(call, state, nowMs, flags, decision.do === "send" ? NO_WAIT : decision);
  }

  /** The call's wait ended, or a flag changed during it. */
  wake(call: Call, state: NumericState, nowMs: number, flags: Flags): Decision {
    // A timer may fire late. The policy is not asked, so it spends nothing on what will not be sent.
    if (this.isReached(nowMs, call.deadlineMs)) return DEADLINE;
    // A few times: a process that is always late must get on too.
    if (nowMs - call.waitUntilMs > LATE_MAX_MS && call.wakes < LATE_WAKES_MAX)
      return this.#spread(call, nowMs);
    const event = this.#wake;
    // A clock that was set back must not make a wait longer than it was.
    const remainingMs = this.isReached(nowMs, call.waitUntilMs)
      ? 0
      : call.waitUntilMs - Math.max(nowMs, call.waitFromMs);
    event.nowMs = nowMs;
    event.flags = flags;
    event.deadlineMs = call.deadlineMs;
    event.attempt = call.attempt;
    event.elapsedMs = sinceMs(call.startedMs, nowMs);
    event.waitedMs = sinceMs(call.waitFromMs, nowMs);
    event.remainingMs = remainingMs;
    event.outcome = call.outcome;
    const decision = this.decide(call, state, event, PURPOSE_WAKE + call.wakes++);
    if (decision.do === "stop") return decision;
    if (decision.do === "send" && remainingMs === 0) return this.#send(call, nowMs, decision);
    if (call.wakes >= WAKES_MAX) throw new PolicyError(endlessWait(this.policy.name, call.attempt));
    // A flag may lengthen a wait, never shorten it: flipping it would make a burst. And a policy that
    // keeps answering "wait 0" must not stop time.
    const delayMs = decision.do === "send" ? 0 : decision.delayMs;
    return this.wait(call, nowMs, Math.max(delayMs, remainingMs, this.#tickMs));
  }

  /** An attempt in flight was answered, by default the last one sent; the call is over. */
  success(
    call: Call,
    state: NumericState,
    nowMs: number,
    flags: Flags,
    sentMs = call.waitFromMs,
  ): void {
    if (this.policy.observe === undefined) return;
    const event = this.#success;
    event.nowMs = nowMs;
    event.flags = flags;
    event.attempt = call.attempt;
    event.elapsedMs = sinceMs(call.startedMs, nowMs);
    event.latencyMs = sinceMs(sentMs, nowMs);
    event.hedges = call.hedges;
    this.policy.observe(state, event);
  }

  /** The caller gave up; the call is over. */
  abandon(
    call: Call,
    state: NumericState,
    nowMs: number,
    flags: Flags,
    during: Abandon["during"],
  ): void {
    if (this.policy.observe === undefined) return;
    const event = this.#abandon;
    event.nowMs = nowMs;
    event.flags = flags;
    event.attempt = call.attempt;
    event.during = during;
    event.waitedMs = sinceMs(call.waitFromMs, nowMs);
    this.policy.observe(state, event);
  }

  /** Puts the question, and looks at the answer. */
  decide(call: Call, state: NumericState, event: Question, purpose: number): Decision {
    const random = this.#random(call.client, call.call, call.attempt, purpose);
    const decision = this.policy.decide(state, event, random);
    if (!isDecision(decision))
      throw new PolicyError(wrongAnswer(this.policy.name, event, decision));
    return decision;
  }

  #apply(
    call: Call,
    state: NumericState,
    nowMs: number,
    flags: Flags,
    decision: Decision,
  ): Decision {
    if (decision.do === "stop") return decision;
    if (decision.do === "send") return this.#send(call, nowMs, decision);
    if (decision.delayMs > 0) return this.wait(call, nowMs, decision.delayMs);
    return this.wake(call, state, nowMs, flags);
  }

  #send(call: Call, nowMs: number, decision: Send): Decision {
    // Only a call that begins with its deadline behind it can get here too late.
    if (this.isReached(nowMs, call.deadlineMs)) return DEADLINE;
    call.delayBeforeMs = nowMs - call.waitFromMs;
    call.hedges = 0;
    if (call.attempt > 0) this.counts.retries++;
    if (decision.resetSession) this.counts.sessionResets++;
    return this.sent(call, nowMs, decision);
  }

  /** An attempt goes out. */
  sent(call: Call, nowMs: number, decision: Send): Send {
    call.waitFromMs = nowMs;
    call.attempt++;
    this.counts.attempts++;
    return decision;
  }

  /** In whole ticks, and not to the deadline. */
  wait(call: Call, nowMs: number, askedMs: number): Wait | Stop {
    const delayMs = this.inTicks(askedMs);
    if (this.isReached(nowMs + delayMs, call.deadlineMs)) return DEADLINE;
    // setTimeout would fire at once; a shortened wait would come early. Nobody waits 25 days.
    if (delayMs > DELAY_MAX_MS) return WAIT_TOO_LONG;
    call.waitUntilMs = nowMs + delayMs;
    return { do: "wait", delayMs };
  }

  /** After a suspended laptop wakes up all waits are over at once: they part again. */
  #spread(call: Call, nowMs: number): Decision {
    const random = this.#random(call.client, call.call, call.attempt, PURPOSE_WAKE + call.wakes++);
    const delayMs = (call.waitUntilMs - call.waitFromMs) * random();
    call.waitFromMs = nowMs;
    return this.wait(call, nowMs, delayMs);
  }

  /** Up to the next whole tick, and at least one. */
  inTicks(ms: number): number {
    const tickMs = this.#tickMs;
    const ticks = Math.max(1, Math.ceil((ms - this.#noiseMs) / tickMs));
    return tickMs < 1 ? ticks / Math.round(1 / tickMs) : ticks * tickMs;
  }

  isReached(nowMs: number, targetMs: number | undefined): boolean {
    return targetMs !== undefined && targetMs - nowMs <= this.#noiseMs;
  }
}

/** No time at all on a clock that was set back since. */
export function sinceMs(fromMs: number, nowMs: number): number {
  return Math.max(0, nowMs - fromMs);
}

export function noCounts(): AskCounts {
  return { calls: 0, attempts: 0, retries: 0, hedges: 0, sessionResets: 0 };
}

function endlessWait(policy: string, attempt: number): string {
  return `Expected policy "${policy}" to send or stop at a wake (attempt ${attempt}), got ${WAKES_MAX} waits in a row.`;
}

/** Far more than flags change during a wait. */
const WAKES_MAX = 10_000;

/** So late no timer is of a process that runs. */
const LATE_MAX_MS = 1000;

/** More than flags change, and laptops fall asleep, during a wait. */
const LATE_WAKES_MAX = 8;

const PURPOSE_START = 0;
const PURPOSE_FAILURE = 1;
const PURPOSE_WAKE = 2;

const TIMEOUT: Outcome = { kind: "timeout" };

const NO_WAIT: Wait = { do: "wait", delayMs: 0 };
export const DEADLINE = stop("deadline");
const NOT_RETRYABLE = stop("not-retryable");
const WAIT_TOO_LONG = stop("wait-too-long");

function stop(why: StopReason): Stop {
  return Object.freeze({ do: "stop", why });
}

/** Every flag at its fallback. */
export const NO_FLAGS: Flags = {
  boolean: (_name, fallback) => fallback,
  number: (_name, fallback) => fallback,
  changedAtMs: () => undefined,
};
