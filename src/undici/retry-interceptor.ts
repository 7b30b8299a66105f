import type { Dispatcher } from "undici";
import { checkOptions } from "../check-options.ts";
import { Budgets } from "../fetch/budgets.ts";
import { settingsOf } from "../fetch/settings.ts";
import { watchLayers } from "../retry/layers.ts";
import { DispatchCall } from "./dispatch-call.ts";
import { requestOf } from "./dispatch-request.ts";
import { INTERCEPTOR_CHECKS, type InterceptorOptions } from "./options.ts";
import { classifyDispatched } from "./rejected-answer.ts";

/**
 * Makes an interceptor for undici's dispatchers (7 and later), in place of its `RetryAgent` and
 * `interceptors.retry`. Make one and keep it: its calls to one origin share one budget.
 *
 * - Retried are GET, HEAD, OPTIONS, TRACE, QUERY, PUT and DELETE; a POST or PATCH only if it has an
 *   `Idempotency-Key`, if `methods` says so, or if the request does, by undici's `idempotent: true`; it
 *   is then given a key. What says `idempotent: false` is sent once.
 * - Retried are passing failures, as with `createFetch`: 408, 425, 429 and most of 5xx, an answer that
 *   does not come, a connection that breaks. `Retry-After` and `RateLimit` are never undercut.
 * - A body that is read once (a stream, a generator, any iterable) is never sent again: the first
 *   failure is the end.
 * - A call that is given up ends as undici would have after the last attempt: with the server's answer,
 *   body and all, or with undici's error. `stopOf` tells the whole story of the error, or of the answer's
 *   `headers`. (Only when it is given up in a wait, by a flag say, is a body of more than 64 KiB cut off.)
 * - Once an answer begins nothing is retried, and no half of a body is asked for again: what breaks off
 *   in a body is the reader's to hear.
 * - `timeoutMs` and `deadlineMs`, without a default, run until an answer begins, beside undici's own
 *   timeouts. Aborting ends a call at once, in an attempt, in a wait and in a body.
 * - Upgrades and CONNECT pass through untouched.
 * - Within an attempt of another retry it makes one attempt, and leaves retrying to that.
 *
 * Compose it before `interceptors.redirect` to retry each hop, after it to retry the whole way.
 *
 * @throws {TypeError} when an option is wrong
 * @example
 * ```ts
 * import { retryInterceptor } from "stormproof/undici";
 * import { vetted } from "stormproof/policies";
 * import { MockAgent, request } from "undici";
 *
 * const server = new MockAgent();
 * const busyAtFirst = server.get("https://api.example.com").intercept({ path: "/items/5" });
 * busyAtFirst.reply(503, "busy");
 * server.get("https://api.example.com").intercept({ path: "/items/5" }).reply(200, "fine");
 *
 * // With a real server: `new Agent().compose(...)`.
 * const policy = vetted({ delayBaseMs: 10, limitMs: 5000 });
 * const dispatcher = server.compose(retryInterceptor({ policy, timeoutMs: 1000 }));
 * const { body } = await request("https://api.example.com/items/5", { dispatcher });
 * await body.text(); // => "fine"
 * ```
 */
export function retryInterceptor(
  options: InterceptorOptions = {},
): Dispatcher.DispatcherComposeInterceptor {
  checkOptions("options", options, INTERCEPTOR_CHECKS);
  const settings = settingsOf({ ...options, classify: options.classify ?? classifyDispatched });
  const budgets = new Budgets({ ...options, classify: settings.classify });
  watchLayers();
  return (dispatch) => (options, handler) => {
    const { method, upgrade } = options ?? {};
    const isRequest = typeof method === "string" && method !== "CONNECT" && !upgrade;
    // What is no request at all, or no handler that this undici takes (that of an older Node's fetch), undici
    // says itself.
    if (!isRequest || typeof handler?.onRequestStart !== "function") {
      return dispatch(options, handler);
    }
    const request = requestOf(settings, options);
    const call = new DispatchCall(settings, request, dispatch, handler);
    budgets.use(request.budget, (retry) => call.settle(retry)).catch(throwAlone);
    return true;
  };
}

/** What a handler throws that is told of an error: it is nobody's to catch, as with undici. */
function throwAlone(error: unknown): void {
  queueMicrotask(() => {
    throw error;
  });
}
