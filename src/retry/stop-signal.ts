import type { Fields } from "./asked-wait.ts";

/**
 * How a server says in words of its own that retrying is in vain. The status 508 says so too; see
 * `outcomeOfStatus`.
 *
 * - `x-should-retry: false`, of the OpenAI and Anthropic APIs and heeded by their clients, and
 *   `stripe-should-retry: false` (https://docs.stripe.com/error-low-level#idempotency).
 * - `x-envoy-attempt-count` above 1 in an answer: a proxy on the way has retried already
 *   (`include_attempt_count_in_response`,
 *   https://www.envoyproxy.io/docs/envoy/latest/configuration/http/http_filters/router_filter).
 */
export function saysStop(headers: Fields): boolean {
  return (
    headers.get("x-should-retry") === "false" ||
    headers.get("stripe-should-retry") === "false" ||
    Number(headers.get("x-envoy-attempt-count")) > 1
  );
}
