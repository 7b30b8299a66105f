/** The callbacks that people expect of a retry library, as one more observer of its calls. */
import type { AttemptEvent, CallEvent, RetryObserver } from "./observer.ts";
import type { RetryStopped } from "./retry-stopped.ts";

/** What they throw is reported as an uncaught exception of its own, and changes no call. */
export interface Hooks {
  /** Each attempt that failed, whatever comes of it. */
  readonly onFailedAttempt?: (event: AttemptEvent & { readonly error: unknown }) => void;
  /** `attempt` failed with `error`, and another is due in `delayMs`. */
  readonly onRetry?: NonNullable<RetryObserver["retryPlanned"]>;
  /** The call rejects with `stopped`. */
  readonly onGiveUp?: (event: CallEvent & { readonly stopped: RetryStopped }) => void;
}

export interface Observed extends Hooks {
  /** Hears all that happens to a call, in order. A client's come before a call's own. */
  readonly observer?: RetryObserver | readonly RetryObserver[];
}

/** The observers, and then the hooks. */
export function observersOf({ observer = NONE, ...hooks }: Observed): readonly RetryObserver[] {
  const observers = "length" in observer ? observer : [observer];
  return hooks.onFailedAttempt || hooks.onRetry || hooks.onGiveUp
    ? [...observers, hooked(hooks)]
    : observers;
}

function hooked({ onFailedAttempt, onRetry, onGiveUp }: Hooks): RetryObserver {
  return {
    retryPlanned: onRetry,
    attemptEnded(event) {
      const { client, call, attempt, error } = event;
      if ("error" in event) onFailedAttempt?.({ client, call, attempt, error });
    },
    callEnded({ client, call, stopped }) {
      if (stopped) onGiveUp?.({ client, call, stopped });
    },
  };
}

const NONE: readonly RetryObserver[] = [];
