/**
 * One call, from its start to its end.
 *
 * Only microtasks pass between an attempt's end and the policy's decision, and between a decision to send
 * and the application's function, because the simulator has no time there either.
 */
import { DELAY_MAX_MS } from "../clock.ts";
import type { Abandon, Decision, Outcome, Send, Stop, Wait } from "../policy.ts";
import { type Attempt, AttemptTimeout } from "./attempt.ts";
import { CallAsk } from "./call-ask.ts";
import type { Client } from "./client.ts";
import { observersOf } from "./hooks.ts";
import { runWithin } from "./layers.ts";
import { type CallEndReason, CallReport } from "./observer.ts";
import type { CallOptions, SessionReset } from "./options.ts";
import { CAUSES_MAX, RetryStopped } from "./retry-stopped.ts";
import { Work } from "./work.ts";

export class RunningCall<T> {
  isOver = false;
  readonly #client: Client;
  readonly #function: (attempt: Attempt) => T | PromiseLike<T>;
  readonly #options: CallOptions;
  readonly #number: number;
  protected readonly ask: CallAsk;
  protected readonly report: CallReport | undefined;
  readonly #causes: unknown[] = [];
  /** Attempts that were really begun. */
  #begun = 0;
  #onAbort: (() => void) | undefined;
  /** What an aborted call rejects with. */
  #reason: unknown;
  /** Ends what the call is doing just now. */
  #interrupt: (() => void) | undefined;
  /** Undefined until the policy knows of the call. */
  #during: Abandon["during"] | undefined;
  /** Not while it waits for a session reset. */
  protected isSent = false;
  /** Whether somebody may end what is being done. */
  protected isCuttable = false;

  constructor(
    client: Client,
    call: (attempt: Attempt) => T | PromiseLike<T>,
    options: CallOptions,
  ) {
    this.#client = client;
    this.#function = call;
    this.#options = options;
    this.#number = client.nextCall();
    this.ask = new CallAsk(client, this.#number);
    this.report = CallReport.to(client, observersOf(options), this.#number);
  }

  /** The number of the last one that the policy let go. */
  protected get attempt(): number {
    return this.ask.attempts;
  }

  /** To be called once, before the signal is aborted. */
  async settle(): Promise<T> {
    const { signal, deadlineMs = this.#client.options.deadlineMs } = this.#options;
    if (signal !== undefined) {
      this.isCuttable = true;
      this.#onAbort = () => this.#abandon(signal.reason);
      signal.addEventListener("abort", this.#onAbort);
    }
    try {
      this.report?.tell("callStarted", deadlineMs === undefined ? {} : { deadlineMs });
      this.#throwIfOver();
      let decision = this.ask.start(deadlineMs);
      for (;;) {
        const send = decision.do === "send" ? decision : await this.#follow(decision);
        let value: T;
        try {
          value = await this.begin(send);
        } catch (error) {
          decision = this.failed(error);
          continue;
        }
        this.#throwIfOver();
        this.answered();
        this.#end("answered");
        return value;
      }
    } catch (error) {
      this.#end("broken");
      throw error;
    }
  }

  protected begin({ resetSession }: Send): T | PromiseLike<T> {
    this.#during = "attempt";
    this.isSent = false;
    const reset = resetSession && this.#client.options.resetSession;
    if (reset === undefined) return this.#send();
    return this.#resetSession(reset).then(() => {
      // It goes out only now.
      this.ask.record.waitFromMs = this.#client.clock.nowMs();
      return this.#send();
    });
  }

  async #resetSession(reset: SessionReset): Promise<void> {
    const { attempt } = this;
    this.report?.tell("sessionResetStarted", { attempt });
    try {
      await this.#run(this.#limitMs(), reset);
      this.report?.tell("sessionResetEnded", { attempt });
    } catch (error) {
      this.report?.tell("sessionResetEnded", { attempt, error });
    }
  }

  #send(): T | PromiseLike<T> {
    const limitMs = this.#limitMs();
    // Only a session reset can have used up the time since the decision to send.
    if (limitMs <= 0) throw new AttemptTimeout(0);
    this.#throwIfOver();
    this.isSent = true;
    this.#begun++;
    const isHedge = this.ask.record.hedges > 0;
    this.report?.tell("attemptStarted", { attempt: this.attempt, isHedge });
    return this.#run(limitMs, this.#function);
  }

  #limitMs(): number {
    return this.ask.limitMs(this.#options.timeoutMs ?? this.#client.options.timeoutMs);
  }

  #run<R>(limitMs: number, work: (at: Attempt) => R | PromiseLike<R>): R | PromiseLike<R> {
    this.#throwIfOver();
    const at = new Work(this, this.attempt, limitMs);
    if (limitMs > DELAY_MAX_MS && !this.isCuttable) return runWithin(at, () => work(at));
    this.watch(at);
    return at.run(this.#client.clock, work);
  }

  /** Work begins that may be cut short. */
  protected watch(work: Work): void {
    this.onInterrupt((reason) => work.cut(reason));
  }

  protected onInterrupt(cut: (reason: unknown) => void): void {
    this.#interrupt = () => cut(this.#reason);
  }

  protected answered(): void {
    this.report?.tell("attemptEnded", { attempt: this.attempt, end: ANSWERED });
    this.ask.success();
  }

  protected failed(error: unknown): Decision {
    return this.decide(this.note(error, this.attempt), error);
  }

  protected note(error: unknown, attempt: number): Outcome {
    this.#throwIfOver();
    if (this.#causes.push(error) > CAUSES_MAX) this.#causes.shift();
    const end = this.#outcomeOf(error, attempt);
    if (this.isSent) this.report?.tell("attemptEnded", { attempt, end, error });
    return end;
  }

  protected decide(end: Outcome, error: unknown, sentMs?: number): Decision {
    this.#throwIfOver();
    const decision = this.ask.failure(end, sentMs);
    if (decision.do !== "stop") {
      const delayMs = decision.do === "wait" ? decision.delayMs : 0;
      this.report?.tell("retryPlanned", { attempt: this.attempt, delayMs, error });
    }
    return decision;
  }

  #outcomeOf(error: unknown, attempt: number): Outcome {
    const { classify, options } = this.#client;
    const { repeatable, shouldRetry = options.shouldRetry } = this.#options;
    const outcome = error instanceof AttemptTimeout ? TIMEOUT : classify(error);
    const isWorth = repeatable === false ? false : shouldRetry?.(error, { attempt });
    return isWorth === undefined ? outcome : asWorth(isWorth, outcome);
  }

  /** Waits as often as the policy says so, and returns when it says to send. */
  async #follow(first: Wait | Stop): Promise<Send> {
    let decision: Decision = first;
    while (decision.do === "wait") {
      const { delayMs } = decision;
      this.#during = "wait";
      this.report?.tell("waitStarted", { attempt: this.attempt, delayMs });
      await this.#wait(delayMs);
      this.#throwIfOver();
      decision = this.ask.wake();
    }
    if (decision.do === "send") return decision;
    const { why } = decision;
    const stopped = new RetryStopped(why, this.#begun, this.ask.elapsedMs, this.#causes);
    this.#end(why, stopped);
    throw stopped;
  }

  /** Until the time is over, a flag changes or the caller leaves. */
  async #wait(delayMs: number): Promise<void> {
    const { clock, flags } = this.#client;
    const waiting = new AbortController();
    const { signal } = waiting;
    this.#interrupt = () => waiting.abort();
    if (this.isOver) this.#interrupt();
    const unwatch = flags.watch(this.#number, this.#interrupt);
    try {
      await clock.sleep(delayMs, signal);
    } catch (error) {
      if (!signal.aborted) throw error;
    } finally {
      unwatch();
    }
  }

  #abandon(reason: unknown): void {
    this.#reason = reason;
    this.#end("abandoned");
    try {
      if (this.#during !== undefined) this.ask.abandon(this.#during);
    } catch (error) {
      this.#reason = error;
    }
    this.#interrupt?.();
  }

  #throwIfOver(): void {
    if (this.isOver) throw this.#reason;
  }

  /** The call is over for whoever comes first: the policy's stop, a success, or the caller. */
  #end(why: CallEndReason, stopped?: RetryStopped): void {
    if (this.isOver) return;
    this.isOver = true;
    if (this.#onAbort) this.#options.signal?.removeEventListener("abort", this.#onAbort);
    const end = { attempts: this.attempt, why };
    this.report?.tell("callEnded", stopped === undefined ? end : { ...end, stopped });
  }
}

export const ANSWERED = Object.freeze({ kind: "answered" });
const TIMEOUT: Outcome = Object.freeze({ kind: "timeout" });

/** The outcome of a failure that is, or is not, worth another attempt, whatever it looked like. */
function asWorth(isWorth: boolean, outcome: Outcome): Outcome {
  if (isWorth === (outcome.kind !== "fatal")) return outcome;
  const status = "status" in outcome ? outcome.status : undefined;
  if (!isWorth) return status === undefined ? { kind: "fatal" } : { kind: "fatal", status };
  return status === undefined ? { kind: "connection" } : { kind: "rejected", status };
}
