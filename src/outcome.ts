/** How an HTTP status reads as the outcome of an attempt. One table for the helper and the server model. */
import type { Outcome } from "./policy.ts";

/**
 * 408, 425, 429 (RFC 9110 §15.5.9, RFC 8470 §5.2, RFC 6585 §4) ask for another try. So does 413 when
 * it names a time (RFC 9110 §15.5.14). A 5xx does, except 501 and 505, which no retry mends, and 508,
 * which Signal's server sends to say "stop retrying" (signalapp/Signal-Android@c95f0fce).
 */
export function outcomeOfStatus(status: number, retryAfterMs?: number): Outcome {
  if (!isRetryable(status, retryAfterMs)) return { kind: "fatal", status };
  return retryAfterMs === undefined
    ? { kind: "rejected", status }
    : { kind: "rejected", status, retryAfterMs };
}

function isRetryable(status: number, retryAfterMs: number | undefined): boolean {
  if (status === 413) return retryAfterMs !== undefined;
  if (status >= 500) return status !== 501 && status !== 505 && status !== 508;
  return status === 408 || status === 425 || status === 429;
}

/** How attempts that were in flight together have failed: as the last, with the longest Retry-After of all. */
export function failedTogether(before: Outcome | undefined, last: Outcome): Outcome {
  if (before?.kind !== "rejected" || before.retryAfterMs === undefined) return last;
  if (last.kind === "fatal") return last;
  if (last.kind !== "rejected") return before;
  return { ...last, retryAfterMs: Math.max(before.retryAfterMs, last.retryAfterMs ?? 0) };
}

/** One outcome in a few characters, for traces and timelines: `rejected 503, retry after 2000 ms`. */
export function describeOutcome(outcome: Outcome): string {
  switch (outcome.kind) {
    case "rejected":
      return outcome.retryAfterMs === undefined
        ? `rejected ${outcome.status}`
        : `rejected ${outcome.status}, retry after ${outcome.retryAfterMs} ms`;
    case "fatal":
      return outcome.status === undefined ? "fatal" : `fatal ${outcome.status}`;
    case "timeout":
    case "connection":
      return outcome.kind;
  }
}
