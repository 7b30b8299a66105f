/**
 * The policy to start from: full jitter, a retry budget, a deadline, Retry-After, and a kill switch, in
 * this order from the inside. Each part answers one way to feed an outage: the jitter parts the herd, the
 * budget bounds the load, the deadline bounds the wait, the hint is never undercut, and the team has the
 * last word.
 *
 * Options, units, defaults and errors are those of `fullJitter`, `budgeted`, `deadline` and
 * `retryAfter`, where their sources stand too; flags are those of `killSwitch`, `budgeted` and
 * `exponential`.
 *
 * ```ts
 * import { sessionReset, vetted } from "stormproof/policies";
 *
 * const policy = vetted({ attemptsMax: 4, ratio: 0.2, limitMs: 8000 });
 * policy.name; // => "kill-switch(retry-after(deadline(budgeted(full-jitter))))"
 * sessionReset(policy).claim?.burstPerClient; // => 6
 * ```
 *
 * Waits in ms of `vetted({ attemptsMax: 11, limitMs: 60000, tokensMax: 10, tokensInitial: 10 })`,
 * seed 1, each attempt `rejected 503, retry after 1000 ms`:
 *
 * | attempt | 1 | 2 | 3 | 4 | 5 | 6 | 7 | 8 | 9 | 10 |
 * | --- | --- | --- | --- | --- | --- | --- | --- | --- | --- | --- |
 * | wait | 1195 | 1231 | 1761 | 1634 | 2041 | 1777 | 5569 | 5765 | 12965 | deadline |
 */
import type { Policy } from "../src/policy.ts";
import { BUDGETED_OPTIONS, type BudgetedOptions, budgeted } from "./budgeted.ts";
import { DEADLINE_OPTIONS, type DeadlineOptions, deadline } from "./deadline.ts";
import { EXPONENTIAL_OPTIONS, type ExponentialOptions } from "./exponential.ts";
import { fullJitter } from "./full-jitter.ts";
import { killSwitch } from "./kill-switch.ts";
import { expectKnown } from "./options.ts";
import { RETRY_AFTER_OPTIONS, type RetryAfterOptions, retryAfter } from "./retry-after.ts";

export interface VettedOptions
  extends ExponentialOptions,
    BudgetedOptions,
    DeadlineOptions,
    RetryAfterOptions {}

const VETTED_OPTIONS = [
  ...EXPONENTIAL_OPTIONS,
  ...BUDGETED_OPTIONS,
  ...DEADLINE_OPTIONS,
  ...RETRY_AFTER_OPTIONS,
];

export function vetted(options: VettedOptions = {}): Policy {
  expectKnown(options, VETTED_OPTIONS);
  const { delayBaseMs, delayMaxMs, attemptsMax, ratio, tokensMax, tokensInitial } = options;
  const { limitMs, retryAfterMaxMs, jitterRatio } = options;
  const jittered = fullJitter({ delayBaseMs, delayMaxMs, attemptsMax });
  const bounded = deadline(budgeted(jittered, { ratio, tokensMax, tokensInitial }), { limitMs });
  return killSwitch(retryAfter(bounded, { retryAfterMaxMs, jitterRatio }));
}
