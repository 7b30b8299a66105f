/** What the headers of an answer ask a client to wait. */
import { dateNowMs } from "../clock.ts";
import { parseRateLimit } from "./rate-limit.ts";
import { parseHttpDate, parseRetryAfter } from "./retry-after.ts";

/**
 * Milliseconds from now, by Retry-After, or else by RateLimit; undefined without a valid one of either.
 *
 * A date is taken by the server's own clock where it shows one: a phone's may be hours off. In a browser,
 * an answer of another origin shows neither field unless its `Access-Control-Expose-Headers` names them.
 */
export function askedWaitMs(headers: Pick<Headers, "get">): number | undefined {
  const retryAfter = headers.get("retry-after");
  if (retryAfter !== null) {
    const nowMs = dateNowMs();
    const serverMs = parseHttpDate(headers.get("date") ?? "", nowMs) ?? nowMs;
    const delayMs = parseRetryAfter(retryAfter, serverMs);
    if (delayMs !== undefined) return delayMs;
  }
  const rateLimit = headers.get("ratelimit");
  return rateLimit === null ? undefined : parseRateLimit(rateLimit);
}
