/**
 * One call, from its start to its end.
 *
 * The loop is p-retry's, without its delay and without its opinions: an attempt throws one internal error
 * whatever went wrong, and `shouldRetry` asks the policy and waits. p-retry is not given the caller's
 * signal either: the policy hears of an abandoned call in the same turn, and of every end once.
 *
 * Only microtasks pass between an attempt's end and the policy's decision, and between a decision to send
 * and the application's function, because the simulator has no time there either.
 */
import pRetry from "p-retry";
import type { Abandon, Decision, Outcome } from "../policy.ts";
import { Activity } from "./activity.ts";
import { type Attempt, AttemptTimeout } from "./attempt.ts";
import { CallAsk } from "./call-ask.ts";
import type { Client } from "./client.ts";
import { type Layer, runWithin } from "./layers.ts";
import { type CallEndReason, CallReport } from "./observer.ts";
import type { CallOptions } from "./options.ts";
import { CAUSES_MAX, RetryStopped } from "./retry-stopped.ts";

export class RunningCall<T> implements Layer {
  readonly #client: Client;
  readonly #function: (attempt: Attempt) => T | PromiseLike<T>;
  readonly #options: CallOptions;
  readonly #number: number;
  readonly #ask: CallAsk;
  readonly #activity: Activity;
  readonly #report: CallReport;
  readonly #causes: unknown[] = [];
  #onAbort = () => {};
  /** Undefined until the policy knows of the call. */
  #during: Abandon["during"] | undefined;
  #resetsSession = false;
  #isSent = false;
  #isOver = false;

  constructor(
    client: Client,
    call: (attempt: Attempt) => T | PromiseLike<T>,
    options: CallOptions,
  ) {
    this.#client = client;
    this.#function = call;
    this.#options = options;
    this.#number = client.nextCall();
    this.#ask = new CallAsk(client, this.#number);
    const name = { client: client.id, call: this.#number };
    this.#report = new CallReport(client.observer, options.observer, name);
    this.#activity = new Activity(client.clock);
  }

  get isOver(): boolean {
    return this.#isOver;
  }

  get attempt(): number {
    return this.#ask.attempts;
  }

  /** To be called once, before the signal is aborted. */
  settle(): Promise<T> {
    return new Promise((resolve, reject) => {
      const { signal } = this.#options;
      this.#onAbort = () => {
        try {
          this.#abandon();
        } catch (error) {
          reject(error);
        }
        reject(signal?.reason);
        this.#activity.interrupt(signal?.reason);
      };
      signal?.addEventListener("abort", this.#onAbort);
      this.#run().then(resolve, reject);
    });
  }

  async #run(): Promise<T> {
    try {
      this.#report.tell("callStarted", {});
      if (this.#isOver) throw ATTEMPT_FAILED;
      await this.#follow(this.#ask.start(this.#options.deadlineMs));
      const value = await pRetry(() => this.#attempt(), {
        retries: Number.POSITIVE_INFINITY,
        minTimeout: 0,
        shouldRetry: async () => {
          await this.#follow(this.#failed());
          return true;
        },
      });
      if (!this.#isOver) {
        this.#ask.success();
        this.#end("answered");
      }
      return value;
    } catch (error) {
      this.#end("broken");
      throw error;
    }
  }

  async #attempt(): Promise<T> {
    this.#isSent = false;
    try {
      if (this.#resetsSession) await this.#resetSession();
      return await this.#send();
    } catch (error) {
      if (this.#causes.push(error) > CAUSES_MAX) this.#causes.shift();
      throw ATTEMPT_FAILED;
    }
  }

  async #resetSession(): Promise<void> {
    const attempt = this.#ask.attempts;
    this.#report.tell("sessionResetStarted", { attempt });
    const { resetSession } = this.#client;
    const limitMs = this.#ask.limitMs(this.#options.timeoutMs);
    try {
      await this.#activity.run(limitMs, (signal) =>
        resetSession?.(Object.freeze({ limitMs, signal })),
      );
      this.#report.tell("sessionResetEnded", { attempt });
    } catch (error) {
      this.#report.tell("sessionResetEnded", { attempt, error });
    }
  }

  async #send(): Promise<T> {
    const attempt = this.#ask.attempts;
    const limitMs = this.#ask.limitMs(this.#options.timeoutMs);
    // Only a session reset can have used up the time since the decision to send.
    if (limitMs <= 0) throw new AttemptTimeout(0);
    this.#isSent = true;
    this.#report.tell("attemptStarted", { attempt });
    const value = await this.#activity.run(limitMs, (signal) =>
      runWithin(this, signal, () => this.#function(Object.freeze({ attempt, limitMs, signal }))),
    );
    this.#report.tell("attemptEnded", { attempt, end: ANSWERED });
    return value;
  }

  #failed(): Decision {
    if (this.#isOver) throw ATTEMPT_FAILED;
    const error = this.#causes.at(-1);
    const outcome = this.#outcomeOf(error);
    const attempt = this.#ask.attempts;
    if (this.#isSent) this.#report.tell("attemptEnded", { attempt, end: outcome, error });
    return this.#ask.failure(outcome);
  }

  #outcomeOf(error: unknown): Outcome {
    const outcome = error instanceof AttemptTimeout ? TIMEOUT : this.#client.classify(error);
    if (this.#options.repeatable !== false) return outcome;
    return outcome.kind === "rejected" ? { kind: "fatal", status: outcome.status } : FATAL;
  }

  /** Waits as often as the policy says so, and returns when it says to send. */
  async #follow(first: Decision): Promise<void> {
    const { flags, resetSession } = this.#client;
    let decision = first;
    while (decision.do === "wait") {
      const { delayMs } = decision;
      this.#during = "wait";
      this.#report.tell("waitStarted", { attempt: this.#ask.attempts, delayMs });
      await this.#activity.wait(delayMs, (wake) => flags.watch(this.#number, wake));
      if (this.#isOver) throw ATTEMPT_FAILED;
      decision = this.#ask.wake();
    }
    if (decision.do === "stop") {
      this.#end(decision.why);
      const { attempts, elapsedMs } = this.#ask;
      throw new RetryStopped(decision.why, attempts, elapsedMs, this.#causes);
    }
    this.#during = "attempt";
    this.#resetsSession = decision.resetSession === true && resetSession !== undefined;
  }

  #abandon(): void {
    this.#end("abandoned");
    if (this.#during !== undefined) this.#ask.abandon(this.#during);
  }

  /** The call is over for whoever comes first: the policy's stop, a success, or the caller. */
  #end(why: CallEndReason): void {
    if (this.#isOver) return;
    this.#isOver = true;
    this.#options.signal?.removeEventListener("abort", this.#onAbort);
    this.#report.tell("callEnded", { attempts: this.#ask.attempts, why });
  }
}

const ANSWERED = Object.freeze({ kind: "answered" });
const TIMEOUT: Outcome = Object.freeze({ kind: "timeout" });
const FATAL: Outcome = Object.freeze({ kind: "fatal" });

/** All that p-retry learns of a failure. Nobody else sees it: what `#follow` throws, or the abort, comes first. */
const ATTEMPT_FAILED = new Error("An attempt failed.");
