import { check, OBJECT } from "../check-options.ts";
import type { Policy } from "../policy.ts";
import type { Attempt } from "./attempt.ts";
import { createRetry, type Retry } from "./create-retry.ts";
import type { CallOptions } from "./options.ts";

export interface RetryCallOptions extends CallOptions {
  /**
   * Keep it in one place and hand in the same object each time: its calls share their state through it.
   * Default: that of `createRetry`; all calls without one are one client's.
   */
  readonly policy?: Policy;
}

/** Held weakly: a policy that nobody has any more takes its client along. */
const clients = new WeakMap<object, Retry>();
const NO_POLICY = {};

/**
 * `createRetry` without a client to keep: all calls of this process with the same policy object are one
 * client's, and share its budget. A policy made anew for each call would have a full budget each time.
 *
 * Rejects as `Retry` says.
 *
 * @example
 * ```ts
 * import { retry } from "stormproof";
 *
 * const flaky = ({ attempt }) => {
 *   if (attempt === 1) throw Object.assign(new Error("reset"), { code: "ECONNRESET" });
 *   return "fine";
 * };
 * await retry(flaky); // => "fine"
 * ```
 */
export async function retry<T>(
  call: (attempt: Attempt) => T | PromiseLike<T>,
  callOptions: RetryCallOptions = {},
): Promise<T> {
  check("options", callOptions, OBJECT);
  const { policy, ...options } = callOptions;
  return clientOf(policy)(call, options);
}

function clientOf(policy: Policy | undefined): Retry {
  const key = policy ?? NO_POLICY;
  let client = clients.get(key);
  if (client === undefined) {
    client = createRetry({ policy });
    clients.set(key, client);
  }
  return client;
}
