import { createFetch, type RetryingFetch } from "../fetch/create-fetch.ts";
import type { FetchOptions } from "../fetch/options.ts";
import { isGivenUp, markGivenUp, stopOf } from "../retry/given-up.ts";

/** Of ky's options, what is set here. */
export interface KyOptions {
  readonly fetch: RetryingFetch;
  readonly retry: 0;
  readonly timeout: false;
  readonly hooks: {
    readonly init: ((options: { retry?: unknown }) => void)[];
    readonly beforeError: ((state: { readonly error: Error }) => Error)[];
  };
}

/**
 * Options for `ky.create` (2): it sends with a `createFetch`, and retries nothing itself, whatever `retry` a
 * request is given: that counts only the `ky.retry()` of hooks. Make one and keep it: its calls to one
 * origin share a budget.
 *
 * Not by ky's `shouldRetry`, which is not told of successes, and so could fill no budget. `timeoutMs` and
 * `deadlineMs` take the place of ky's `timeout`, which would limit all attempts together; `totalTimeout`
 * does so as ever.
 *
 * ky rejects with its own error, as ever; `stopOf` tells why the call was given up.
 *
 * @throws {TypeError} when an option is wrong
 * @example
 * ```ts
 * import ky from "ky";
 * import { forKy } from "stormproof/adapters";
 *
 * const client = ky.create(forKy({ timeoutMs: 2000, deadlineMs: 8000 }));
 * ```
 */
export function forKy(options: FetchOptions = {}): KyOptions {
  return {
    fetch: createFetch(options),
    retry: 0,
    timeout: false,
    hooks: {
      init: [
        (options) => {
          const { retry } = options;
          const given =
            typeof retry === "number" ? { limit: retry } : (retry as object | undefined);
          options.retry = { ...given, shouldRetry: () => false };
        },
      ],
      beforeError: [
        ({ error }) => {
          const { response, cause } = error as { response?: unknown; cause?: unknown };
          const story = stopOf(response) ?? stopOf(cause);
          if (story) markGivenUp(error, story, isGivenUp(response) || isGivenUp(cause));
          return error;
        },
      ],
    },
  };
}
