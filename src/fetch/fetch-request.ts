/** What a caller of fetch asks for, read once: it is the same for all attempts of the call. */
import { checkOptions } from "../check-options.ts";
import { layerAround } from "../retry/layers.ts";
import type { CallOptions } from "../retry/options.ts";
import { ATTEMPT_HEADER, mayTell } from "./attempt-headers.ts";
import { KEY_HEADER, needsKey } from "./idempotency.ts";
import { FETCH_CALL_CHECKS, type Fetch, type FetchInit } from "./options.ts";
import { RequestBody } from "./request-body.ts";
import type { FetchSettings } from "./settings.ts";

export interface FetchRequest {
  readonly input: Parameters<Fetch>[0];
  readonly init: RequestInit;
  readonly headers: Headers;
  readonly signal: AbortSignal | undefined;
  readonly body: RequestBody;
  readonly options: CallOptions;
  /** Whether its attempts carry their number. */
  readonly isTold: boolean;
  /** Whether it is part of an outer layer's attempt, which alone retries. */
  readonly isNested: boolean;
  /** Which one, where that is known here and not told by the request itself. */
  readonly outerAttempt: number | undefined;
  /** Whether it may be retried, if its body can be sent again. */
  readonly repeatable: boolean;
  /** Whose budget its retries take from. */
  readonly budget: string;
}

export function requestOf(
  settings: FetchSettings,
  input: Parameters<Fetch>[0],
  init: FetchInit = {},
): FetchRequest {
  // As workers do that hand a request on: `fetch(url, request)`. Its fields are not there to be spread.
  if ("clone" in init) return requestOf(settings, new Request(input, init));
  const { retry = {}, ...given } = init;
  checkOptions("retry", retry, FETCH_CALL_CHECKS);
  const request = typeof input === "object" && "headers" in input ? input : undefined;
  const url = urlOf(request?.url ?? `${input}`);
  const method = (given.method ?? request?.method ?? "GET").toUpperCase();
  const signal = given.signal === undefined ? request?.signal : given.signal;
  const headers = new Headers(given.headers ?? request?.headers);

  const { methods, nested, replayBytesMax } = settings;
  const mayRepeat = retry.repeatable ?? (headers.has(KEY_HEADER) || methods.includes(method));
  const outer = layerAround(signal);
  const isNested = nested === "once" && (headers.has(ATTEMPT_HEADER) || outer !== undefined);
  const repeatable = mayRepeat && !isNested;
  if (!headers.has(KEY_HEADER) && needsKey(settings.idempotencyKey, method, repeatable)) {
    headers.set(KEY_HEADER, settings.makeIdempotencyKey());
  }
  return {
    input,
    init: request === undefined ? given : { ...referrerOf(request), ...given },
    headers,
    signal: signal ?? undefined,
    body: repeatable
      ? new RequestBody(given.body, request, retry.replayBytesMax ?? replayBytesMax)
      : new RequestBody(undefined, undefined, 0),
    options: retry,
    isTold: !headers.has(ATTEMPT_HEADER) && mayTell(settings.attemptHeaders, url),
    isNested,
    outerAttempt: isNested ? outer?.attempt : undefined,
    repeatable,
    budget: url === undefined ? "" : settings.budgetOf(url),
  };
}

/** An `init` that is not empty resets them: https://fetch.spec.whatwg.org/#dom-request */
function referrerOf({ referrer, referrerPolicy }: Request): RequestInit {
  return { referrer, referrerPolicy };
}

/** What is none, fetch refuses in its own words. */
function urlOf(text: string): URL | undefined {
  const { location } = globalThis as { location?: { href: string } };
  try {
    return new URL(text, location?.href);
  } catch {
    return undefined;
  }
}
