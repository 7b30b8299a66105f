import type { Attempt } from "./attempt.ts";
import { Client } from "./client.ts";
import {
  type CallOptions,
  checkCallOptions,
  checkRetryOptions,
  type RetryOptions,
} from "./options.ts";
import { RunningCall } from "./running-call.ts";

/**
 * Runs `call` until it succeeds or the policy says stop. `call` is handed `{ attempt, signal }`.
 *
 * Rejects with
 * - `RetryStopped` when the policy, or the deadline, ends it; the last error is its `cause`;
 * - the signal's reason, at once, when the caller aborts;
 * - `PolicyError` when the policy answers nonsense, and whatever it throws;
 * - `TypeError` when an option is wrong.
 */
export type Retry = <T>(
  call: (attempt: Attempt) => T | PromiseLike<T>,
  options?: CallOptions,
) => Promise<T>;

/**
 * Makes a retry client: a function whose calls share one policy state, so a budget is the client's and
 * never a call's. Make one for each server that can be overloaded by itself, and keep it.
 *
 * No `timeoutMs` and no `deadlineMs` are set unless you set them; attempts without a timeout never end
 * when the server never answers.
 *
 * @throws {TypeError} when an option is wrong
 * @example
 * ```ts
 * import { createRetry, okOrThrow } from "stormproof";
 * import { vetted } from "stormproof/policies";
 *
 * const retry = createRetry({ policy: vetted({ delayBaseMs: 10 }), timeoutMs: 1000 });
 *
 * // A server that is busy at first. With fetch: `okOrThrow(await fetch(url, { signal }))`.
 * const answer = (attempt) =>
 *   attempt === 1 ? new Response(null, { status: 503 }) : new Response(`attempt ${attempt}`);
 * const response = await retry(({ attempt }) => okOrThrow(answer(attempt)));
 * await response.text(); // => "attempt 2"
 * ```
 */
export function createRetry(options: RetryOptions): Retry {
  checkRetryOptions(options);
  const client = new Client(options);
  return async (call, callOptions = {}) => {
    checkCallOptions(call, callOptions);
    const { timeoutMs = options.timeoutMs, deadlineMs = options.deadlineMs } = callOptions;
    callOptions.signal?.throwIfAborted();
    return new RunningCall(client, call, { ...callOptions, timeoutMs, deadlineMs }).settle();
  };
}
