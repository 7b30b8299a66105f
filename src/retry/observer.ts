/**
 * What can be seen of a client's calls while they run: for logs, metrics and traces. Events are named
 * by (client, call, attempt), where `call` counts the client's calls from 1.
 *
 * As with event listeners, an observer cannot change a call: what it throws is reported as an uncaught
 * exception of its own.
 */
import type { NumericState, Outcome, StopReason } from "../policy.ts";
import { channel } from "./channel.ts";
import type { RetryStopped } from "./retry-stopped.ts";

export interface RetryObserver {
  /** `deadlineMs`: of the whole call, from now on, where the call or its client has one. */
  callStarted?(event: CallEvent & { readonly deadlineMs?: number }): void;
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
  /** About to be sent; a hedge goes out beside another attempt of the call that is in flight. */
  attemptStarted?(event: AttemptEvent & { readonly isHedge: boolean }): void;
  /** Not told of an attempt whose caller left: `callEnded` follows at once, with "abandoned". */
  attemptEnded?(event: AttemptEvent & { readonly end: AttemptEnd; readonly error?: unknown }): void;
  /**
   * The last event of a call; `attempts` is how many the policy let go, `stopped` what it rejects with if it
   * was given up. `state` is a copy of its client's policy state: see `TOKENS_THOUSANDTHS` of "stormproof/policies" for what is left of a budget.
   */
  callEnded?(
    event: CallEvent & {
      readonly attempts: number;
      readonly why: CallEndReason;
      readonly state: Readonly<NumericState>;
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

export type AttemptEnd =
  | Outcome
  | { readonly kind: "answered" }
  /** Another attempt that was in flight beside it has ended the call. */
  | { readonly kind: "abandoned" };

/** "broken": the policy or `classify` threw or answered nonsense. */
export type CallEndReason = "answered" | "abandoned" | "broken" | StopReason;

type FactsOf<K extends keyof RetryObserver> = Omit<
  Parameters<NonNullable<RetryObserver[K]>>[0],
  keyof CallEvent | "state"
>;

/** What a report has to know of a client. */
interface Reported {
  readonly id: number;
  readonly state: Readonly<NumericState>;
  readonly observers: readonly RetryObserver[];
}

/** Tells the client's observers, then the call's own, and the channel, of one call, until it is over. */
export class CallReport {
  readonly #client: Reported;
  readonly #call: number;
  readonly #observers: readonly RetryObserver[];
  readonly #isPublished: boolean;
  #isOver = false;

  /** Undefined when nobody listens as the call begins: then nothing of it is told. */
  static to(
    client: Reported,
    ofCall: readonly RetryObserver[],
    call: number,
  ): CallReport | undefined {
    const isPublished = channel?.hasSubscribers === true;
    return isPublished || client.observers.length + ofCall.length > 0
      ? new CallReport(client, call, [...client.observers, ...ofCall], isPublished)
      : undefined;
  }

  private constructor(
    client: Reported,
    call: number,
    observers: readonly RetryObserver[],
    isPublished: boolean,
  ) {
    this.#client = client;
    this.#call = call;
    this.#observers = observers;
    this.#isPublished = isPublished;
  }

  tell<K extends keyof RetryObserver>(what: K, facts: FactsOf<K>): void {
    if (this.#isOver) return;
    this.#isOver = what === "callEnded";
    if (!this.#isPublished && !this.#observers.some((observer) => observer[what])) return;
    const { id: client, state } = this.#client;
    const last = this.#isOver ? { state: Object.freeze({ ...state }) } : undefined;
    const event = Object.freeze({ client, call: this.#call, ...facts, ...last });
    for (const observer of this.#observers) tell(observer, what, event);
    if (this.#isPublished) channel?.publish(Object.freeze({ name: what, event }));
  }
}

function tell(observer: RetryObserver, what: keyof RetryObserver, event: object): void {
  // TypeScript cannot see that this event is this method's.
  const method = observer[what] as ((event: object) => void) | undefined;
  try {
    method?.call(observer, event);
  } catch (error) {
    queueMicrotask(() => {
      throw error;
    });
  }
}
