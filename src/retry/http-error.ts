import { dateNowMs } from "../clock.ts";
import { parseHttpDate, parseRetryAfter } from "./retry-after.ts";

/** The server answered, but not with a 2xx. */
export class HttpError extends Error {
  override readonly name = "HttpError";
  readonly status: number;
  /** What the Retry-After field asks for, from now; undefined without a valid one. */
  readonly retryAfterMs: number | undefined;
  /** For its status and headers: the body is gone. */
  readonly response: Response;

  constructor(response: Response) {
    super(`Answered ${response.status} ${response.statusText}`.trimEnd());
    this.status = response.status;
    this.retryAfterMs = retryAfterOf(response.headers);
    this.response = response;
  }
}

/**
 * Returns an ok response (2xx) as it is, and throws any other as an `HttpError`, which `retry` knows how
 * to read: 503 with Retry-After is worth waiting for, 404 is not.
 *
 * The body of the other is read to its end when short, so that the connection can serve the retry (a
 * new one costs an overloaded server more), and cancelled when long.
 *
 * @throws {HttpError}
 * @example
 * ```ts
 * import { okOrThrow } from "stormproof";
 *
 * const fine = await okOrThrow(new Response("hello"));
 * await fine.text(); // => "hello"
 *
 * const busy = new Response(null, { status: 503, headers: { "retry-after": "2" } });
 * const error = await okOrThrow(busy).catch((error) => error);
 * error.status; // => 503
 * error.retryAfterMs; // => 2000
 * ```
 */
export async function okOrThrow(response: Response): Promise<Response> {
  if (response.ok) return response;
  const error = new HttpError(response);
  // A body that breaks off, or was read, changes nothing: the status has already said no.
  await discard(response).catch(() => {});
  throw error;
}

const DISCARDED_BYTES_MAX = 64 * 1024;

async function discard(response: Response): Promise<void> {
  if (response.body === null) return;
  const reader = response.body.getReader();
  for (let bytes = 0; bytes <= DISCARDED_BYTES_MAX; ) {
    const { done, value } = await reader.read();
    if (done) return;
    bytes += value.byteLength;
  }
  await reader.cancel();
}

/** A date is taken by the server's own clock where it shows one: a phone's may be hours off. */
function retryAfterOf(headers: Headers): number | undefined {
  const field = headers.get("retry-after");
  if (field === null) return undefined;
  const nowMs = dateNowMs();
  return parseRetryAfter(field, parseHttpDate(headers.get("date") ?? "", nowMs) ?? nowMs);
}
