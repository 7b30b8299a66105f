import { askedWaitMs, fieldsOf } from "./asked-wait.ts";
import { discard } from "./discard.ts";

/** The server answered, but not with a 2xx. */
export class HttpError extends Error {
  override readonly name = "HttpError";
  readonly status: number;
  /** What its Retry-After or RateLimit field asks for, from now; undefined without a valid one. */
  readonly retryAfterMs: number | undefined;
  /** For its status and headers: its body is mostly gone. */
  readonly response: Response;

  constructor(response: Response) {
    super(`Answered ${response.status} ${response.statusText}`.trimEnd());
    this.status = response.status;
    this.retryAfterMs = askedWaitMs(fieldsOf(response.headers));
    this.response = response;
  }
}

/**
 * Returns an ok response (2xx) as it is, and throws any other as an `HttpError`, which `retry` knows how
 * to read: 503 with Retry-After is worth waiting for, 404 is not.
 *
 * The body of the other is read to its end when short, so that the connection can serve the retry (a
 * new one costs an overloaded server more), and cancelled when long or slow (64 KiB, 1 s).
 *
 * @throws {HttpError}
 * @example
 * ```ts
 * import { okOrThrow } from "stormproof/fetch";
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
  await discard(response);
  throw error;
}
