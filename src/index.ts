/** stormproof: a retry helper whose policy can be proven before an outage tries it. */
export type { DecisionRandom } from "./ask.ts";
export { checkPolicy } from "./check-policy.ts";
export { type Clock, DELAY_MAX_MS, systemClock, unrefClock } from "./clock.ts";
export { describeOutcome, outcomeOfStatus } from "./outcome.ts";
export {
  type Abandon,
  CLAIM_DEFAULT,
  type Claim,
  type Decision,
  type Failure,
  type Flags,
  type NumericState,
  type Outcome,
  type Policy,
  type Random,
  type Send,
  type Start,
  type Stop,
  type StopReason,
  type Success,
  type Wait,
  type Wake,
} from "./policy.ts";
export { PolicyError } from "./policy-error.ts";
export { type Attempt, AttemptTimeout } from "./retry/attempt.ts";
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
