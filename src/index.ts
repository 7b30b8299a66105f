/** stormproof: a retry helper whose policy can be proven before an outage tries it. */
export type { DecisionRandom } from "./ask.ts";
export { type Clock, DELAY_MAX_MS, systemClock, unrefClock } from "./clock.ts";
export { outcomeOfStatus } from "./outcome.ts";
export type {
  Abandon,
  Claim,
  Decision,
  Failure,
  Flags,
  NumericState,
  Outcome,
  Policy,
  Random,
  Send,
  Start,
  Stop,
  StopReason,
  Success,
  Wait,
  Wake,
} from "./policy.ts";
export { PolicyError } from "./policy-error.ts";
export { type Attempt, AttemptTimeout } from "./retry/attempt.ts";
export type { CallMessage } from "./retry/channel.ts";
export { classifyError } from "./retry/classify.ts";
export { createRetry, type Retry } from "./retry/create-retry.ts";
export type { FlagSource } from "./retry/flag-source.ts";
export type { Hooks } from "./retry/hooks.ts";
export type {
  AttemptEnd,
  AttemptEvent,
  CallEndReason,
  CallEvent,
  RetryObserver,
} from "./retry/observer.ts";
export type { CallOptions, RetryOptions, SessionReset, ShouldRetry } from "./retry/options.ts";
export { type RetryCallOptions, retry } from "./retry/retry.ts";
export { RetryStopped } from "./retry/retry-stopped.ts";
