import { checkOptions } from "../check-options.ts";
import { watchLayers } from "../retry/layers.ts";
import { Budgets } from "./budgets.ts";
import { FetchCall } from "./fetch-call.ts";
import { requestOf } from "./fetch-request.ts";
import { FETCH_CHECKS, type Fetch, type FetchInit, type FetchOptions } from "./options.ts";
import { settingsOf } from "./settings.ts";

/** As `fetch`; what `init.retry` says is this call's own. */
export type RetryingFetch = (input: Parameters<Fetch>[0], init?: FetchInit) => Promise<Response>;

/**
 * Makes a `fetch` that retries, in Node and in browsers. Make one and keep it: its calls to one origin
 * share one budget.
 *
 * - Retried are GET, HEAD, OPTIONS, TRACE, QUERY, PUT and DELETE; a POST or PATCH only if it has an
 *   `Idempotency-Key`, or if `methods` or `init.retry.repeatable` say so, and then it is given one.
 * - Retried is what `classifyError` takes for a passing failure: 408, 425, 429 and most of 5xx, an answer
 *   that does not come, a connection that breaks. Not 508, and nothing that says `x-should-retry: false`.
 * - It waits as `Retry-After` or `RateLimit` ask: never less, up to a minute, and spread above.
 * - A body that can be read only once is never sent again empty; see `replayBytesMax`.
 * - A call that is given up ends as fetch would have after the last attempt: with the server's Response,
 *   if it did answer, or with fetch's own error. `stopOf` tells the whole story of either. (Only when it
 *   is given up in a wait, by a flag say, is a body gone of more than 64 KiB, or of a `fetch` whose bodies
 *   are no web streams, such as node-fetch.)
 * - `timeoutMs` and `deadlineMs`, without a default here as in fetch, run until an answer begins; its
 *   body is then read without a limit. The caller's signal ends call, wait and body at once.
 * - Within an attempt of another retry it makes one attempt, and leaves retrying to that. It knows of it
 *   in Node always, and anywhere by the `retry-attempt` header or by the attempt's own signal, where they
 *   are handed on. In a browser a signal made of that one, by `AbortSignal.any` or by `new Request`, is
 *   not known: hand on the attempt's own, `fetch(url, { signal })`.
 * - There it makes no `Idempotency-Key`, for each attempt would have another: make one outside of the
 *   outer retry, and set it on the request.
 * - Attempts carry `retry-attempt` and, with a limit, `request-timeout-ms`; see `readAttempt`.
 *
 * The returned function rejects as fetch does, and with `PolicyError` or `TypeError` as `Retry` says.
 *
 * @throws {TypeError} when an option is wrong
 * @example
 * ```ts
 * import { createFetch } from "stormproof/fetch";
 * import { vetted } from "stormproof/policies";
 *
 * const busyAtFirst = async (_url, { headers }) =>
 *   headers.get("retry-attempt") === "1"
 *     ? new Response("busy", { status: 503 })
 *     : new Response(`attempt ${headers.get("retry-attempt")}`);
 * const policy = vetted({ delayBaseMs: 10, limitMs: 5000 });
 * const fetch = createFetch({ fetch: busyAtFirst, policy, timeoutMs: 1000 });
 *
 * const response = await fetch("https://api.example.com/items/5");
 * await response.text(); // => "attempt 2"
 * ```
 */
export function createFetch(options: FetchOptions = {}): RetryingFetch {
  checkOptions("options", options, FETCH_CHECKS);
  const settings = settingsOf(options);
  const budgets = new Budgets({ ...options, classify: settings.classify });
  watchLayers();
  return async (input, init) => {
    const request = requestOf(settings, input, init);
    return budgets.use(request.budget, (retry) => new FetchCall(settings, request).settle(retry));
  };
}

/**
 * `createFetch` without options, and without anything to keep: all of this process's calls of it share
 * one budget for each origin.
 *
 * @example
 * ```ts
 * import { retryFetch } from "stormproof/fetch";
 *
 * const response = await retryFetch("data:,hello");
 * await response.text(); // => "hello"
 * ```
 */
export const retryFetch: RetryingFetch = /* @__PURE__ */ sharedFetch();

function sharedFetch(): RetryingFetch {
  // Not only at the first call, which may be within an attempt of an outer retry.
  watchLayers();
  let shared: RetryingFetch | undefined;
  return (input, init) => {
    shared ??= createFetch();
    return shared(input, init);
  };
}
