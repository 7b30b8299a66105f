/**
 * One call as the policy sees it: it hears of the attempts that somebody else makes. Where its wait would
 * have been another than the real one, it is asked as if its own wait had just ended.
 */
import { type Ask, Call } from "../ask.ts";
import type { Decision, Flags, NumericState, Outcome } from "../policy.ts";
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
  readonly report: (decision: ShadowDecision) => void;
}

export class ShadowCall {
  readonly #parts: ShadowParts;
  readonly #record = new Call();
  #stands: "waiting" | "sent" | "stopped" = "waiting";

  constructor(parts: ShadowParts, client: number, call: number) {
    const { ask, state, counts } = parts;
    this.#parts = parts;
    this.#record.client = client;
    this.#record.call = call;
    counts.calls++;
    this.#take(ask.start(this.#record, state, parts.nowMs(), parts.flags()));
  }

  attemptStarted(): void {
    this.#parts.counts.attempts++;
    this.#endWait();
  }

  attemptEnded(end: AttemptEnd): void {
    // What is abandoned is over with the attempt that was answered beside it.
    if (this.#stands !== "sent" || end.kind === "abandoned") return;
    const { ask, state, nowMs, flags } = this.#parts;
    if (end.kind === "answered") ask.success(this.#record, state, nowMs(), flags());
    else this.#take(ask.failure(this.#record, state, nowMs(), flags(), end));
  }

  ended(isAnswered: boolean, isAbandoned: boolean): void {
    const { ask, state, counts, nowMs, flags } = this.#parts;
    if (isAnswered && this.#stands === "stopped") counts.answeredAfterStop++;
    if (isAbandoned && this.#stands !== "stopped") {
      const during = this.#stands === "sent" ? "attempt" : "wait";
      ask.abandon(this.#record, state, nowMs(), flags(), during);
    } else if (this.#stands === "waiting" && this.#endWait()) {
      counts.givenUpBeforeStop++;
    }
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
    report({ client, call, attempt, outcome, decision });
  }
}
