/**
 * What can be seen of a client's calls while they run: for logs, metrics and traces. Events are named
 * by (client, call, attempt), where `call` counts the client's calls from 1.
 *
 * As with event listeners, an observer cannot change a call: what it throws is reported as an uncaught
 * exception of its own.
 */
import type { Outcome, StopReason } from "../policy.ts";

export interface RetryObserver {
  callStarted?(event: CallEvent): void;
  /** A wait begins: before the first attempt (`attempt` 0) or after attempt `attempt` failed. */
  waitStarted?(event: AttemptEvent & { readonly delayMs: number }): void;
  /** The `resetSession` option is about to run; attempt `attempt` follows it. */
  sessionResetStarted?(event: AttemptEvent): void;
  /** `error` when it failed or took too long. */
  sessionResetEnded?(event: AttemptEvent & { readonly error?: unknown }): void;
  /** About to be sent. */
  attemptStarted?(event: AttemptEvent): void;
  /** Not told of an attempt whose caller left: `callEnded` follows at once, with "abandoned". */
  attemptEnded?(event: AttemptEvent & { readonly end: AttemptEnd; readonly error?: unknown }): void;
  /** The last event of a call. */
  callEnded?(event: CallEvent & { readonly attempts: number; readonly why: CallEndReason }): void;
}

export interface CallEvent {
  readonly client: number;
  readonly call: number;
}

export interface AttemptEvent extends CallEvent {
  readonly attempt: number;
}

export type AttemptEnd = Outcome | { readonly kind: "answered" };

/** "broken": the policy or `classify` threw or answered nonsense. */
export type CallEndReason = "answered" | "abandoned" | "broken" | StopReason;

type EventOf<K extends keyof RetryObserver> = Parameters<NonNullable<RetryObserver[K]>>[0];

/** Tells the client's observer, and then the call's own, of one call, until it is over. */
export class CallReport {
  readonly #ofClient: RetryObserver | undefined;
  readonly #ofCall: RetryObserver | undefined;
  readonly #name: CallEvent;
  #isOver = false;

  constructor(
    ofClient: RetryObserver | undefined,
    ofCall: RetryObserver | undefined,
    name: CallEvent,
  ) {
    this.#ofClient = ofClient;
    this.#ofCall = ofCall;
    this.#name = name;
  }

  tell<K extends keyof RetryObserver>(what: K, facts: Omit<EventOf<K>, keyof CallEvent>): void {
    if (this.#isOver) return;
    this.#isOver = what === "callEnded";
    this.#tell(this.#ofClient, what, facts);
    this.#tell(this.#ofCall, what, facts);
  }

  #tell(observer: RetryObserver | undefined, what: keyof RetryObserver, facts: object): void {
    // TypeScript cannot see that these facts are this method's.
    const method = observer?.[what] as ((event: object) => void) | undefined;
    try {
      method?.call(observer, Object.freeze({ ...this.#name, ...facts }));
    } catch (error) {
      queueMicrotask(() => {
        throw error;
      });
    }
  }
}
