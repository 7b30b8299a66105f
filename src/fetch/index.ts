/** stormproof/fetch: fetch, with retries that do not feed a storm. */

export { stopOf } from "../retry/given-up.ts";
export { HttpError, okOrThrow } from "../retry/http-error.ts";
export { RetryStopped } from "../retry/retry-stopped.ts";
export {
  ATTEMPT_HEADER,
  type AttemptHeaders,
  readAttempt,
  TIMEOUT_HEADER,
} from "./attempt-headers.ts";
export { createFetch, type RetryingFetch, retryFetch } from "./create-fetch.ts";
export type { IdempotencyKey } from "./idempotency.ts";
export type { FetchCallOptions, FetchInit, FetchOptions } from "./options.ts";
export { BodyNotRepeatable } from "./request-body.ts";
