/** All policies, to import, and by name. */
export { type AdaptiveThrottlingOptions, adaptiveThrottling } from "./adaptive-throttling.ts";
export {
  type AttemptsOptions,
  type BackoffOptions,
  backoff,
  type DelayMs,
  RETRY_DELAY_MAX_FLAG,
} from "./backoff.ts";
export {
  type BudgetedOptions,
  budgeted,
  RETRY_BUDGET_RATIO_FLAG,
  TOKENS_THOUSANDTHS,
} from "./budgeted.ts";
export { checkPolicy } from "./check-policy.ts";
export { type CircuitBreakerOptions, circuitBreaker } from "./circuit-breaker.ts";
export { type DeadlineOptions, deadline } from "./deadline.ts";
export { decorrelatedJitter } from "./decorrelated-jitter.ts";
export { equalJitter } from "./equal-jitter.ts";
export { type ExponentialOptions, exponential } from "./exponential.ts";
export { type FixedOptions, fixed } from "./fixed.ts";
export { fullJitter } from "./full-jitter.ts";
export { HEDGE_DELAY_MS, type HedgedOptions, hedged } from "./hedged.ts";
export { type ImmediateOptions, immediate } from "./immediate.ts";
export { killSwitch, RETRIES_FLAG } from "./kill-switch.ts";
export { none } from "./none.ts";
export { type MakeOptions, type PolicyEntry, type PolicyName, registry } from "./registry.ts";
export { type RetryAfterOptions, retryAfter } from "./retry-after.ts";
export { type Retrying, retrying } from "./retrying.ts";
export {
  type ResetAfter,
  SESSION_RESET_FLAG,
  SESSION_RESET_INTERVAL_FLAG,
  type SessionResetOptions,
  sessionReset,
} from "./session-reset.ts";
export { type VettedOptions, vetted } from "./vetted.ts";
