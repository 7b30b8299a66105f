/** A client of the lane: the real retry helper around the real global fetch. It reports what it does. */
import { classifyError } from "../retry/classify.ts";
import { createRetry, type Retry } from "../retry/create-retry.ts";
import { okOrThrow } from "../retry/http-error.ts";
import type { CallEndReason, RetryObserver } from "../retry/observer.ts";
import type { RetryOptions } from "../retry/options.ts";
import { RetryStopped } from "../retry/retry-stopped.ts";
import type { RequestEnd } from "../trace.ts";
import { type CallName, currentCall } from "./lane-clock.ts";
import { REQUEST_NAME_HEADER, type RequestName, writeRequestName } from "./request-name.ts";

/** What a run hears of its clients. */
export interface LaneReport {
  callStarted(name: CallName): void;
  resetStarted(name: CallName, attempt: number): void;
  requestSent(name: RequestName): void;
  requestEnded(name: RequestName, end: RequestEnd): void;
  waitStarted(name: CallName, attempt: number, delayMs: number): void;
  callEnded(name: CallName, attempts: number, why: CallEndReason): void;
  /** A policy threw, or the helper is broken. */
  failed(error: unknown): void;
}

export interface LaneClientOptions extends RetryOptions {
  readonly clientId: number;
  /** Requests of a session reset. */
  readonly resetRequests: number;
}

export const LANE_URL = "http://overloaded.test/";

export class LaneClient {
  readonly #client: number;
  readonly #retry: Retry;
  readonly #resetRequests: number;
  /** One a call: all calls listening to one signal would search each other's listeners. */
  readonly #stops = new Set<AbortController>();
  readonly #report: LaneReport;
  #resetAttempt = 0;

  constructor({ resetRequests, ...options }: LaneClientOptions, report: LaneReport) {
    this.#client = options.clientId;
    this.#resetRequests = resetRequests;
    this.#report = report;
    this.#retry = createRetry({
      ...options,
      resetSession: ({ signal }) => this.#resetSession(signal),
      observer: this.#observer(),
    });
  }

  /** Begins its next call, which has this number. */
  call(call: number): void {
    const name = { client: this.#client, call };
    const stop = new AbortController();
    this.#stops.add(stop);
    currentCall.run(name, () => {
      this.#retry(({ attempt, signal }) => this.#request({ ...name, attempt, part: 0 }, signal), {
        signal: stop.signal,
      })
        .catch((error: unknown) => {
          const isEnd = error instanceof RetryStopped || stop.signal.aborted;
          if (!isEnd) this.#report.failed(error);
        })
        .finally(() => this.#stops.delete(stop));
    });
  }

  /** Its calls that are not over leave, as a user does. */
  stop(): void {
    for (const stop of this.#stops) stop.abort();
  }

  async #request(name: RequestName, signal: AbortSignal): Promise<void> {
    this.#report.requestSent(name);
    const headers = { [REQUEST_NAME_HEADER]: writeRequestName(name) };
    await okOrThrow(await fetch(LANE_URL, { headers, signal }));
  }

  /** One request after the other; the first that fails is the last. */
  async #resetSession(signal: AbortSignal): Promise<void> {
    const { client, call } = currentCall.getStore() ?? { client: this.#client, call: 0 };
    const attempt = this.#resetAttempt;
    for (let part = 1; part <= this.#resetRequests; part++) {
      const name = { client, call, attempt, part };
      const onTimeout = () => this.#report.requestEnded(name, { kind: "timeout" });
      signal.addEventListener("abort", onTimeout);
      try {
        await this.#request(name, signal);
        this.#report.requestEnded(name, { kind: "answered" });
      } catch (error) {
        if (!signal.aborted) this.#report.requestEnded(name, classifyError(error));
        throw error;
      } finally {
        signal.removeEventListener("abort", onTimeout);
      }
    }
  }

  #observer(): RetryObserver {
    const report = this.#report;
    return {
      callStarted: (event) => report.callStarted(event),
      waitStarted: (event) => report.waitStarted(event, event.attempt, event.delayMs),
      sessionResetStarted: (event) => {
        this.#resetAttempt = event.attempt;
        report.resetStarted(event, event.attempt);
      },
      attemptEnded: (event) => report.requestEnded({ ...event, part: 0 }, event.end),
      callEnded: (event) => report.callEnded(event, event.attempts, event.why),
    };
  }
}
