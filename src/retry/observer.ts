/**
 * What can be seen of a client's calls while they run: for logs, metrics and traces. Events are named
 * by (client, call, attempt), where `call` counts the client's calls from 1.
 *
 * As with event listeners, an observer cannot change a call: what it throws is reported as an uncaught
 * exception of its own.
 */
import type { Outcome, StopReason } from "../policy.ts";
import type { RetryStopped } from "./retry-stopped.ts";

export interface RetryObserver {
  callStarted?(event: CallEvent): void;
  /**
   * Attempt `attempt` failed with `error`, and the policy wants another in `delayMs` (0: at once). A budget,
   * a flag or a deadline may still stop it at the end of the wait.
   */
  retryPlanned?(event: AttemptEvent & { readonly delayMs: number; readonly error: unknown }): void;
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
  /** The last event of a call; `stopped` is what it rejects with if it was given up. */
  callEnded?(
    event: CallEvent & {
      readonly attempts: number;
      readonly why: CallEndReason;
      readonly stopped?: RetryStopped;
    },
  ): void;
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

/** Tells the client's observers, and then the call's own, of one call, until it is over. */
export class CallReport {
  readonly #observers: readonly RetryObserver[];
  readonly #name: CallEvent;
  #isOver = false;

  /** Undefined when nobody listens: then there is nothing to tell. */
  static to(
    ofClient: readonly RetryObserver[],
    ofCall: readonly RetryObserver[],
    client: number,
    call: number,
  ): CallReport | undefined {
    if (ofClient.length + ofCall.length === 0) return undefined;
    return new CallReport([...ofClient, ...ofCall], { client, call });
  }

  private constructor(observers: readonly RetryObserver[], name: CallEvent) {
    this.#observers = observers;
    this.#name = name;
  }

  tell<K extends keyof RetryObserver>(what: K, facts: Omit<EventOf<K>, keyof CallEvent>): void {
    if (this.#isOver) return;
    this.#isOver = what === "callEnded";
    for (const observer of this.#observers) this.#tell(observer, what, facts);
  }

  #tell(observer: RetryObserver, what: keyof RetryObserver, facts: object): void {
    // TypeScript cannot see that these facts are this method's.
    const method = observer[what] as ((event: object) => void) | undefined;
    try {
      method?.call(observer, Object.freeze({ ...this.#name, ...facts }));
    } catch (error) {
      queueMicrotask(() => {
        throw error;
      });
    }
  }
}
