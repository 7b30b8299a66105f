/** What a retrying fetch is made of, and what one call of it may say differently. */
import { expectKnown } from "../../policies/options.ts";
import type { Policy } from "../policy.ts";
import type { CallOptions, RetryOptions } from "../retry/options.ts";
import type { AttemptHeaders } from "./attempt-headers.ts";
import type { IdempotencyKey } from "./idempotency.ts";

export type Fetch = typeof globalThis.fetch;

export interface FetchOptions extends Omit<RetryOptions, "policy">, Replay {
  /**
   * Decides; see "stormproof/policies". Default: `vetted` without a deadline, since fetch has none: full
   * jitter, 3 attempts, a budget of 10 %, Retry-After up to a minute.
   */
  readonly policy?: Policy;
  /** What sends an attempt. Default: the global `fetch`, whichever it is at that moment. */
  readonly fetch?: Fetch;
  /** The methods that may be retried. Default: GET, HEAD, OPTIONS, TRACE, QUERY, PUT, DELETE. */
  readonly methods?: readonly string[];
  /**
   * When a request gets an `Idempotency-Key`, one for all attempts of its call. In a browser, a request
   * to another origin with a key has to ask first (CORS). Default: "when-needed".
   */
  readonly idempotencyKey?: IdempotencyKey;
  /** Default: `crypto.randomUUID`. */
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
export interface FetchCallOptions extends Pick<CallOptions, "timeoutMs" | "deadlineMs">, Replay {
  /** Whether this request may be retried. Default: by its method, or true if it has an `Idempotency-Key`. */
  readonly repeatable?: boolean;
}

interface Replay {
  /**
   * So many bytes of a body that can be read only once are kept, so that it can be sent again. Default: 0,
   * none, of a stream or an async iterable; 65536 of the body of a Request.
   */
  readonly replayBytesMax?: number;
}

export type FetchInit = RequestInit & { readonly retry?: FetchCallOptions };

/** @throws {TypeError} naming the first option that is wrong. `createRetry` checks its own. */
export function checkFetchOptions(options: FetchOptions): void {
  if (typeof options !== "object" || options === null) {
    throw new TypeError(`Expected the options of createFetch to be an object, got ${options}.`);
  }
  expectKnown(options, Object.keys(KNOWN));
  for (const name of ["fetch", "makeIdempotencyKey", "budgetOf"] as const) {
    expect(name, options[name], "a function", typeof options[name] === "function");
  }
  for (const [name, words] of Object.entries(WORDS)) {
    const value = options[name as keyof typeof WORDS];
    expect(
      name,
      value,
      words.map((word) => `"${word}"`).join(" or "),
      words.includes(value as string),
    );
  }
  const { methods } = options;
  const areMethods =
    Array.isArray(methods) && methods.every((name) => /^[\w!#$%&'*+.^`|~-]+$/.test(name));
  expect("methods", methods, "an array of methods", areMethods);
  checkReplay(options);
}

/** @throws {TypeError} naming the first option that is wrong */
export function checkFetchCallOptions(options: FetchCallOptions): void {
  expect("retry", options, "an object", typeof options === "object" && options !== null);
  expectKnown(options, Object.keys(KNOWN_OF_CALLS));
  const { repeatable } = options;
  expect("repeatable", repeatable, "true or false", typeof repeatable === "boolean");
  checkReplay(options);
}

function checkReplay({ replayBytesMax }: Replay): void {
  const isFine = typeof replayBytesMax === "number" && replayBytesMax >= 0;
  expect("replayBytesMax", replayBytesMax, "a number of bytes ≥ 0", isFine);
}

const KNOWN_OF_CALLS: Record<keyof FetchCallOptions, true> = {
  timeoutMs: true,
  deadlineMs: true,
  replayBytesMax: true,
  repeatable: true,
};

/** Whoever comes from another library tries its names; they must not silently mean nothing. */
const KNOWN: Record<keyof FetchOptions, true> = {
  policy: true,
  timeoutMs: true,
  deadlineMs: true,
  fetch: true,
  methods: true,
  idempotencyKey: true,
  makeIdempotencyKey: true,
  replayBytesMax: true,
  giveUp: true,
  attemptHeaders: true,
  nested: true,
  budgetOf: true,
  classify: true,
  observer: true,
  flags: true,
  resetSession: true,
  clock: true,
  random: true,
  clientId: true,
  tickMs: true,
};

const WORDS = {
  idempotencyKey: ["when-needed", "always", "never"],
  giveUp: ["answer", "error"],
  attemptHeaders: ["same-origin", "always", "never"],
  nested: ["once", "retry"],
};

function expect(name: string, value: unknown, what: string, holds: boolean): void {
  if (value === undefined || holds) return;
  throw new TypeError(`Expected \`${name}\` to be ${what}, got ${value}.`);
}
