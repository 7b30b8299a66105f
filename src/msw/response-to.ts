import { HttpResponse } from "msw";
import { httpAnswer } from "../server/http-answer.ts";
import type { RequestEnd } from "../trace.ts";

/** The server model's answer, as it goes over the wire. */
export function responseTo(end: RequestEnd): Response {
  const answer = httpAnswer(end);
  return answer === undefined ? HttpResponse.error() : new HttpResponse(null, answer);
}
