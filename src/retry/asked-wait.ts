/** What the headers of an answer ask a client to wait. */
import { dateNowMs } from "../clock.ts";
import { parseRateLimit } from "./rate-limit.ts";
import { parseHttpDate, parseRetryAfter } from "./retry-after.ts";

export interface Fields {
  get(name: string): string | null;
}

/** Of the headers of whichever client: those of fetch and axios have a `get`, those of Node are in lower case. */
export function fieldsOf(headers: unknown): Fields {
  const fields = (headers ?? {}) as Partial<Fields> & Record<string, unknown>;
  return {
    get(name) {
      const value = typeof fields.get === "function" ? fields.get(name) : fields[name];
      return typeof value === "string" ? value : null;
    },
  };
}

/**
 * Milliseconds from now, by Retry-After, or else by RateLimit; undefined without a valid one of either.
 * In a browser, an answer of another origin shows neither field unless its
 * `Access-Control-Expose-Headers` names them.
 */
export function askedWaitMs(headers: Fields): number | undefined {
  return retryAfterOf(headers) ?? parseRateLimit(headers.get("ratelimit") ?? "");
}

/**
 * Milliseconds from now; undefined without a valid Retry-After. A date is taken by the server's own clock
 * where it shows one: a phone's may be hours off.
 */
export function retryAfterOf(headers: Fields): number | undefined {
  const nowMs = dateNowMs();
  const serverMs = parseHttpDate(headers.get("date") ?? "", nowMs) ?? nowMs;
  return parseRetryAfter(headers.get("retry-after") ?? "", serverMs);
}
