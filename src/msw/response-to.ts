import { HttpResponse } from "msw";
import type { RequestEnd } from "../trace.ts";

/** The server model's answer, as it goes over the wire: without a body. */
export function responseTo(end: RequestEnd): Response {
  switch (end.kind) {
    case "answered":
      return new HttpResponse(null, { status: 204 });
    case "rejected":
      return bodiless(end.status, end.retryAfterMs);
    case "fatal":
      return bodiless(end.status ?? 400);
    default:
      return HttpResponse.error();
  }
}

/** With a length, or the end of the body would be the end of the connection, and each retry a new one. */
function bodiless(status: number, retryAfterMs?: number): Response {
  const headers: Record<string, string> = { "content-length": "0" };
  if (retryAfterMs !== undefined) headers["retry-after"] = String(Math.ceil(retryAfterMs / 1000));
  return new HttpResponse(null, { status, headers });
}
