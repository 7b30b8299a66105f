/** A client of a run with real requests: the helper around a real HTTP client. It reports what it does. */
import { type Clock, systemClock } from "../clock.ts";
import {
  type CallName,
  REQUEST_NAME_HEADER,
  type RequestName,
  writeRequestName,
} from "../request-name.ts";
import { classifyError } from "../retry/classify.ts";
import { createRetry, type Retry } from "../retry/create-retry.ts";
import { hedging } from "../retry/hedging.ts";
import type { CallEndReason, RetryObserver } from "../retry/observer.ts";
import type { RetryOptions } from "../retry/options.ts";
import { RetryStopped } from "../retry/retry-stopped.ts";
import type { RequestEnd } from "../trace.ts";

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
  /** Hears of each call as it begins, before its policy does. */
  readonly callBegins?: (name: CallName) => void;
  /** Resolves when the request is answered, and else throws what `classifyError` reads. */
  readonly send: (request: LaneRequest) => Promise<void>;
  /** Requests of a session reset. */
  readonly resetRequests: number;
}

export interface LaneRequest {
  readonly headers: Record<string, string>;
  readonly signal: AbortSignal;
}

export class LaneClient {
  readonly #client: number;
  readonly #retry: Retry;
  readonly #send: LaneClientOptions["send"];
  readonly #resetRequests: number;
  /** One a call: all calls listening to one signal would search each other's listeners. */
  readonly #stops = new Set<AbortController>();
  readonly #clock: Clock;
  readonly #report: LaneReport;
  readonly #callBegins: LaneClientOptions["callBegins"];
  /** The attempt that the session reset now beginning comes before. */
  #resetBefore: Omit<RequestName, "part">;

  constructor(
    { send, resetRequests, callBegins, ...options }: LaneClientOptions,
    report: LaneReport,
  ) {
    this.#client = options.clientId;
    this.#send = send;
    this.#resetBefore = { client: options.clientId, call: 0, attempt: 0 };
    this.#resetRequests = resetRequests;
    this.#clock = options.clock ?? systemClock;
    this.#report = report;
    this.#callBegins = callBegins;
    this.#retry = createRetry({
      ...options,
      hedging,
      resetSession: ({ limitMs, signal }) => this.#resetSession(limitMs, signal),
      observer: this.#observer(),
    });
  }

  /** Begins its next call, which has this number. */
  call(call: number): void {
    const name = { client: this.#client, call };
    const stop = new AbortController();
    this.#stops.add(stop);
    this.#retry(
      ({ attempt, limitMs, signal }) =>
        this.#request({ ...name, attempt, part: 0, limitMs }, signal),
      { signal: stop.signal },
    )
      .catch((error: unknown) => {
        const isEnd = error instanceof RetryStopped || stop.signal.aborted;
        if (!isEnd) this.#report.failed(error);
      })
      .finally(() => this.#stops.delete(stop));
  }

  /** Its calls that are not over leave, as a user does. */
  stop(): void {
    for (const stop of this.#stops) stop.abort();
  }

  async #request(name: RequestName, signal: AbortSignal): Promise<void> {
    this.#report.requestSent(name);
    const headers = { [REQUEST_NAME_HEADER]: writeRequestName(name) };
    await this.#send({ headers, signal });
  }

  /** One request after the other; the first that fails is the last. */
  async #resetSession(limitMs: number, signal: AbortSignal): Promise<void> {
    const before = this.#resetBefore;
    const untilMs = this.#clock.nowMs() + limitMs;
    for (let part = 1; part <= this.#resetRequests; part++) {
      const limitMs = untilMs - this.#clock.nowMs();
      // Milliseconds are floats: what is left of a microsecond is noise.
      if (limitMs < 0.001) return;
      const name = { ...before, part, limitMs };
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
      callStarted: (event) => {
        report.callStarted(event);
        this.#callBegins?.(event);
      },
      waitStarted: (event) => report.waitStarted(event, event.attempt, event.delayMs),
      sessionResetStarted: (event) => {
        this.#resetBefore = event;
        report.resetStarted(event, event.attempt);
      },
      attemptEnded: (event) => report.requestEnded({ ...event, part: 0 }, event.end),
      callEnded: (event) => report.callEnded(event, event.attempts, event.why),
    };
  }
}
