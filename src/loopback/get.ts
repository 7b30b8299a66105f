import { type Dispatcher, request } from "undici";
import { dateNowMs } from "../clock.ts";
import type { LaneRequest } from "../lane/lane-client.ts";
import { parseRetryAfter } from "../retry/retry-after.ts";

/**
 * One request of undici's, without the streams and copies of its fetch, which take half of a run's time.
 *
 * @throws {Refused} when answered, but not with a 2xx
 */
export async function get(url: string, how: LaneRequest, dispatcher: Dispatcher): Promise<void> {
  const { statusCode, headers, body } = await request(url, { ...how, dispatcher });
  await body.dump();
  if (statusCode < 300) return;
  const field = headers["retry-after"];
  const retryAfterMs = typeof field === "string" ? parseRetryAfter(field, dateNowMs()) : undefined;
  throw new Refused(statusCode, retryAfterMs);
}

/** With the fields by which `classifyError` knows it. */
class Refused extends Error {
  readonly status: number;
  readonly retryAfterMs: number | undefined;

  constructor(status: number, retryAfterMs: number | undefined) {
    super(`Answered ${status}`);
    this.status = status;
    this.retryAfterMs = retryAfterMs;
  }
}
