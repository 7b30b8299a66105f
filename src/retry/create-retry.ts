import { check, checkOptions, FUNCTION } from "../check-options.ts";
import type { Attempt } from "./attempt.ts";
import { Client } from "./client.ts";
import { clientNow } from "./mode.ts";
import { CALL_CHECKS, type CallOptions, RETRY_CHECKS, type RetryOptions } from "./options.ts";
import { RunningCall } from "./running-call.ts";

/**
 * Runs `call` until it succeeds or the policy says stop. `call` is handed `{ attempt, limitMs, signal }`.
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
 * import { createRetry } from "stormproof";
 * import { okOrThrow } from "stormproof/fetch";
 *
 * const retry = createRetry({ timeoutMs: 1000, deadlineMs: 5000 });
 *
 * // A server that is busy at first. With fetch: `okOrThrow(await fetch(url, { signal }))`.
 * const answer = (attempt) =>
 *   attempt === 1 ? new Response(null, { status: 503 }) : new Response(`attempt ${attempt}`);
 * const response = await retry(({ attempt }) => okOrThrow(answer(attempt)));
 * await response.text(); // => "attempt 2"
 * ```
 */
export function createRetry(options: RetryOptions = {}): Retry {
  checkOptions("options", options, RETRY_CHECKS);
  const retry = uncheckedRetry(options);
  return (call, callOptions) => {
    try {
      check("call", call ?? null, FUNCTION);
      if (callOptions !== undefined) checkOptions("options", callOptions, CALL_CHECKS);
      return retry(call, callOptions);
    } catch (error) {
      return Promise.reject(error);
    }
  };
}

/** For who has checked the options, or made them. It may throw what the other rejects with. */
export function uncheckedRetry(options: RetryOptions): Retry {
  const client = new Client(options);
  const { hedging: Call = RunningCall } = options;
  return (call, callOptions = NONE) => {
    callOptions.signal?.throwIfAborted();
    return new Call(clientNow(client), call, callOptions).settle();
  };
}

const NONE: CallOptions = Object.freeze({});
