/** What an error says about the server. */
import { outcomeOfStatus } from "../outcome.ts";
import type { Outcome } from "../policy.ts";
import { fieldsOf, retryAfterOf } from "./asked-wait.ts";
import { isGivenUp } from "./given-up.ts";
import { saysStop } from "./stop-signal.ts";

/**
 * Reads the errors of fetch, Node's sockets, undici and HTTP libraries: a numeric `status` or `statusCode`
 * of the error or of its `response`; and how long the server asks to wait, by a numeric `retryAfterMs`, or
 * by Retry-After among the `headers` of either. Anything it does not know is fatal: a programming error, an
 * `AbortError` that the caller did not ask for, or an inner `RetryStopped` is not retried. Nor is what a
 * retrying fetch gave up with, or an error with such a `response`: so layers of retries do not multiply
 * by accident. A `response` may also say itself that retrying is in vain (`x-should-retry: false`).
 *
 * @example
 * ```ts
 * import { classifyError } from "stormproof";
 *
 * classifyError(Object.assign(new Error("busy"), { status: 503, retryAfterMs: 2000 }));
 * // => { kind: "rejected", status: 503, retryAfterMs: 2000 }
 * classifyError(new TypeError("fetch failed")); // => { kind: "connection" }
 * classifyError(new TypeError("x is not a function")); // => { kind: "fatal" }
 * ```
 */
export function classifyError(error: unknown): Outcome {
  if (typeof error !== "object" || error === null) return FATAL;
  const { name, response } = error as { name?: unknown; response?: unknown };
  if (isGivenUp(error) || isGivenUp(response)) return FATAL;
  const answer = (response ?? error) as AnswerLike;
  const { status, statusCode, retryAfterMs } = error as AnswerLike;
  const answered = [status, statusCode, answer.status, answer.statusCode].find(isStatus);
  // A connection that breaks in a body comes with the 200 that began it.
  if (answered !== undefined && answered >= 400) {
    const headers = fieldsOf(answer.headers);
    if (saysStop(headers)) return { kind: "fatal", status: answered };
    return outcomeOfStatus(answered, isDelay(retryAfterMs) ? retryAfterMs : retryAfterOf(headers));
  }
  if (name === "TimeoutError") return TIMEOUT;
  return networkOutcome(error as ErrorLike);
}

type AnswerLike = {
  readonly [key in "status" | "statusCode" | "retryAfterMs" | "headers"]?: unknown;
};

type ErrorLike = { readonly [key in "name" | "message" | "code" | "cause"]?: unknown };

/** fetch throws a TypeError with the socket's error as its cause; of no other error does a cause count. */
function networkOutcome(error: ErrorLike): Outcome {
  const isFetch = error.name === "TypeError";
  const code = codeOf(error) ?? (isFetch ? codeOf(error.cause) : undefined);
  // A code decides where there is one: "fetch failed" is also said of a bad certificate.
  if (code !== undefined) {
    if (CONNECTION_CODES.test(code)) return CONNECTION;
    return TIMEOUT_CODES.test(code) ? TIMEOUT : FATAL;
  }
  return isFetch && FETCH_MESSAGE.test(String(error.message)) && !isRefusal(error.cause)
    ? CONNECTION
    : FATAL;
}

/** What Node's fetch will not do, it words like a broken connection; only the cause tells. */
function isRefusal(cause: unknown): boolean {
  return cause instanceof Error && FETCH_REFUSAL.test(cause.message);
}

function codeOf(error: unknown): string | undefined {
  if (typeof error !== "object" || error === null || !("code" in error)) return undefined;
  // A DOMException has a number there.
  return typeof error.code === "string" ? error.code : undefined;
}

function isStatus(value: unknown): value is number {
  return Number.isInteger(value) && Number(value) >= 100 && Number(value) <= 599;
}

function isDelay(value: unknown): value is number {
  return Number.isFinite(value) && Number(value) >= 0;
}

const FATAL: Outcome = Object.freeze({ kind: "fatal" });
const TIMEOUT: Outcome = Object.freeze({ kind: "timeout" });
const CONNECTION: Outcome = Object.freeze({ kind: "connection" });

/** Of Node's sockets and resolver, and of undici. */
const CONNECTION_CODES =
  /^(ECONN(RESET|REFUSED|ABORTED)|EPIPE|ETIMEDOUT|E(HOST|NET)(UNREACH|DOWN)|ENETRESET|ENOTFOUND|EAI_AGAIN|UND_ERR_(SOCKET|CONNECT_TIMEOUT))$/;

/** The request was sent, so its work may still run. */
const TIMEOUT_CODES = /^(UND_ERR_(HEADERS|BODY)_TIMEOUT|ESOCKETTIMEDOUT)$/;

/** How Node, Chrome, Firefox, Safari, Deno, Bun, React Native and Cloudflare word it, in a TypeError. */
const FETCH_MESSAGE = new RegExp(
  [
    "^(fetch failed",
    "terminated",
    "(Failed to fetch|Load failed)( \\(.*\\))?",
    "network error",
    "NetworkError when attempting to fetch resource\\.",
    "The Internet connection appears to be offline\\.",
    "The network connection was lost\\.",
    "error sending request for url.*",
    " ?A network error occurred\\.",
    "Network request failed",
    "Network connection lost.*)$",
  ].join("|"),
);

/** "redirect count exceeded" comes after 20 requests, so a retry would be 20 more. */
const FETCH_REFUSAL = new RegExp(
  [
    "^(redirect count exceeded",
    "unexpected redirect",
    "bad port",
    "(unknown|URL|about) scheme\\b.*",
    "invalid method",
    "integrity mismatch",
    "cross origin not allowed\\b.*)$",
  ].join("|"),
);
