/** What a retrying fetch is made of, and what one call of it may say differently. */
import { type Check, type Checks, FUNCTION, oneOf } from "../check-options.ts";
import {
  CALL_CHECKS,
  type CallOptions,
  RETRY_CHECKS,
  type RetryOptions,
} from "../retry/options.ts";
import type { AttemptHeaders } from "./attempt-headers.ts";
import type { IdempotencyKey } from "./idempotency.ts";

export type Fetch = typeof globalThis.fetch;

export interface FetchOptions extends RetryOptions, Replay {
  /** What sends an attempt. Default: the global `fetch`, whichever it is at that moment. */
  readonly fetch?: Fetch;
  /** The methods that may be retried. Default: GET, HEAD, OPTIONS, TRACE, QUERY, PUT, DELETE. */
  readonly methods?: readonly string[];
  /**
   * When a request gets an `Idempotency-Key`, one for all attempts of its call. In a browser, a request
   * to another origin with a key has to ask first (CORS). Default: "when-needed".
   */
  readonly idempotencyKey?: IdempotencyKey;
  /** Makes the key of a call. Default: `crypto.randomUUID`. */
  readonly makeIdempotencyKey?: () => string;
  /**
   * What a call that is given up ends with. "answer": what fetch would have ended with after the last
   * attempt, its Response or its error; `stopOf` knows why. "error": a `RetryStopped`, also for an answer
   * of 400 and above that is not worth a retry. Default: "answer".
   */
  readonly giveUp?: "answer" | "error";
  /** To whom requests say which attempt they are. Default: "same-origin". */
  readonly attemptHeaders?: AttemptHeaders;
  /**
   * Within an attempt of an outer retry: "once" leaves all retries to that, so that three times three
   * attempts are not nine; "retry" makes them here, and an outer `retry` takes what comes of it for final.
   * Default: "once".
   */
  readonly nested?: "once" | "retry";
  /** Calls to URLs with the same key share one budget. Default: `(url) => url.origin`. */
  readonly budgetOf?: (url: URL) => string;
}

/** One call's, as `init.retry`. */
export interface FetchCallOptions extends Omit<CallOptions, "signal">, Replay {
  /** Whether this request may be retried. Default: by its method, or true if it has an `Idempotency-Key`. */
  readonly repeatable?: boolean | undefined;
}

interface Replay {
  /**
   * So many bytes of a body that can be read only once are kept, so that it can be sent again; then it is
   * sent as a web stream, which node-fetch does not know. Default: 0, none, of a stream or an async
   * iterable; 65536 of the body of a Request.
   */
  readonly replayBytesMax?: number | undefined;
}

export type FetchInit = RequestInit & { readonly retry?: FetchCallOptions };

const BYTES: Check = ["a number of bytes ≥ 0", (value) => typeof value === "number" && value >= 0];

export const FETCH_CHECKS: Checks<FetchOptions> = {
  ...RETRY_CHECKS,
  fetch: FUNCTION,
  methods: [
    "an array of methods",
    (value) => Array.isArray(value) && value.every((name) => /^[\w!#$%&'*+.^`|~-]+$/.test(name)),
  ],
  idempotencyKey: oneOf("when-needed", "always", "never"),
  makeIdempotencyKey: FUNCTION,
  replayBytesMax: BYTES,
  giveUp: oneOf("answer", "error"),
  attemptHeaders: oneOf("same-origin", "always", "never"),
  nested: oneOf("once", "retry"),
  budgetOf: FUNCTION,
};

const { signal, ...OF_CALLS } = CALL_CHECKS;

export const FETCH_CALL_CHECKS: Checks<FetchCallOptions> = { ...OF_CALLS, replayBytesMax: BYTES };
