/**
 * One call as the policy sees it: it hears of the attempts that somebody else makes. Where its wait would
 * have been another than the real one, it is asked as if its own wait had just ended.
 */
import { type Ask, Call } from "../ask.ts";
import { failedTogether } from "../outcome.ts";
import type { Abandon, Decision, Flags, NumericState, Outcome } from "../policy.ts";
import type { AttemptEnd } from "../retry/observer.ts";
import type { FigureCounts } from "./shadow-figures.ts";

export interface ShadowDecision {
  readonly client: number;
  /** Counts the client's calls, from 1. */
  readonly call: number;
  /** Attempts made so far. */
  readonly attempt: number;
  /** How the last of them failed; undefined before the first. */
  readonly outcome: Outcome | undefined;
  /** What the policy would have done. */
  readonly decision: Decision;
}

export interface ShadowParts {
  readonly ask: Ask;
  readonly state: NumericState;
  readonly counts: FigureCounts;
  readonly nowMs: () => number;
  readonly flags: () => Flags;
  readonly report: (decision: ShadowDecision) => unknown;
}

export interface CallFacts {
  readonly client: number;
  readonly call: number;
  /** Of the whole call, from now on. */
  readonly deadlineMs?: number;
}

/** It never throws: what goes wrong in here is counted, and the call is not asked about any more. */
export class ShadowCall {
  readonly #parts: ShadowParts;
  readonly #record = new Call();
  #stands: "waiting" | "sent" | "stopped" | "over" = "waiting";
  #isBroken = false;
  /** When each attempt in flight was really sent. */
  readonly #openSentMs = new Map<number, number>();
  /** How attempts failed beside which another is in flight still, and when the last of them was sent. */
  #failure: Outcome | undefined;
  #failedSentMs: number | undefined;

  constructor(parts: ShadowParts, { client, call, deadlineMs }: CallFacts) {
    this.#parts = parts;
    this.#record.client = client;
    this.#record.call = call;
    const { ask, state, counts, flags } = parts;
    counts.calls++;
    this.#safely(() => {
      const nowMs = parts.nowMs();
      const untilMs = deadlineMs === undefined ? undefined : nowMs + deadlineMs;
      this.#take(ask.start(this.#record, state, nowMs, flags(), untilMs));
    });
  }

  attemptStarted(attempt: number): void {
    this.#parts.counts.attempts++;
    this.#safely(() => {
      this.#openSentMs.set(attempt, this.#parts.nowMs());
      this.#endWait();
    });
  }

  attemptEnded(attempt: number, endOf: () => AttemptEnd): void {
    this.#safely(() => {
      const sentMs = this.#openSentMs.get(attempt);
      this.#openSentMs.delete(attempt);
      if (this.#stands === "sent") this.#hear(endOf(), sentMs);
    });
  }

  ended(isAnswered: boolean, isAbandoned: boolean): void {
    this.#safely(() => {
      const { counts } = this.#parts;
      if (isAnswered && this.#stands === "stopped") counts.answeredAfterStop++;
      // Who gives up on a failure has given up on what is in flight beside it.
      if (!isAbandoned && this.#stands === "sent") this.#fail();
      if (this.#stands === "sent") this.#abandon("attempt");
      else if (this.#stands === "waiting" && isAbandoned) this.#abandon("wait");
      else if (this.#stands === "waiting" && this.#endWait()) counts.givenUpBeforeStop++;
    });
    this.#stands = "over";
  }

  /** As the real driver: what fails beside another in flight may still be answered there. */
  #hear(end: AttemptEnd, sentMs: number | undefined): void {
    const { ask, state, nowMs, flags } = this.#parts;
    if (end.kind === "answered") {
      ask.success(this.#record, state, nowMs(), flags(), sentMs);
      this.#stands = "over";
      return;
    }
    if (end.kind !== "abandoned") {
      this.#failure = failedTogether(this.#failure, end);
      this.#failedSentMs = sentMs;
    }
    if (this.#openSentMs.size === 0 || end.kind === "fatal") this.#fail();
  }

  #fail(): void {
    const outcome = this.#failure;
    if (outcome === undefined) return;
    this.#failure = undefined;
    const { ask, state, nowMs, flags } = this.#parts;
    this.#take(ask.failure(this.#record, state, nowMs(), flags(), outcome, this.#failedSentMs));
  }

  #abandon(during: Abandon["during"]): void {
    const { ask, state, nowMs, flags } = this.#parts;
    ask.abandon(this.#record, state, nowMs(), flags(), during);
  }

  /** Whether an attempt follows. */
  #endWait(): boolean {
    const { ask, state, flags } = this.#parts;
    while (this.#stands === "waiting") {
      this.#take(ask.wake(this.#record, state, this.#record.waitUntilMs, flags()));
    }
    return this.#stands === "sent";
  }

  #take(decision: Decision): void {
    const { counts, report } = this.#parts;
    const { client, call, attempt, outcome } = this.#record;
    if (decision.do === "send") {
      this.#stands = "sent";
      counts.attemptsOfPolicy++;
      return;
    }
    this.#stands = decision.do === "wait" ? "waiting" : "stopped";
    if (decision.do === "stop") counts.stop(decision.why);
    const reported = report({ client, call, attempt, outcome, decision });
    // An async function's error would end the process.
    if (reported !== undefined) Promise.resolve(reported).catch((error) => this.#break(error));
  }

  #safely(act: () => void): void {
    if (this.#isBroken || this.#stands === "over") return;
    try {
      act();
    } catch (error) {
      this.#break(error);
    }
  }

  #break(error: unknown): void {
    const { counts } = this.#parts;
    if (!this.#isBroken) counts.broken++;
    this.#isBroken = true;
    counts.lastError = error;
  }
}
