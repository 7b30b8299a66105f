/** The model's answers as HTTP has them. */
import type { RequestEnd } from "../trace.ts";

export interface HttpAnswer {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
}

/** Without a body; undefined when there is no answer, for the connection breaks. */
export function httpAnswer(end: RequestEnd): HttpAnswer | undefined {
  switch (end.kind) {
    case "answered":
      return { status: 204, headers: {} };
    case "rejected":
      return bodiless(end.status, end.retryAfterMs);
    case "fatal":
      return bodiless(end.status ?? 400);
    default:
      return undefined;
  }
}

/** With a length, or the end of the body would be the end of the connection, and each retry a new one. */
function bodiless(status: number, retryAfterMs?: number): HttpAnswer {
  const headers: Record<string, string> = { "content-length": "0" };
  if (retryAfterMs !== undefined) headers["retry-after"] = String(Math.ceil(retryAfterMs / 1000));
  return { status, headers };
}
