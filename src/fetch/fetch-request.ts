/** What a caller of fetch asks for, read once: it is the same for all attempts of the call. */
import { checkOptions } from "../check-options.ts";
import type { CallOptions } from "../retry/options.ts";
import { FETCH_CALL_CHECKS, type Fetch, type FetchInit } from "./options.ts";
import { RequestBody } from "./request-body.ts";
import { factsOf, type RequestFacts } from "./request-facts.ts";
import type { FetchSettings } from "./settings.ts";

export interface FetchRequest extends RequestFacts {
  readonly input: Parameters<Fetch>[0];
  readonly init: RequestInit;
  readonly headers: Headers;
  readonly signal: AbortSignal | undefined;
  readonly body: RequestBody;
  readonly options: CallOptions;
}

export function requestOf(
  settings: FetchSettings,
  input: Parameters<Fetch>[0],
  init?: FetchInit | null,
): FetchRequest {
  // As workers do that hand a request on: `fetch(url, request)`. Its fields are not there to be spread.
  if (init && "clone" in init) return requestOf(settings, new Request(input, init));
  const { retry = {}, ...given } = init ?? {};
  checkOptions("retry", retry, FETCH_CALL_CHECKS);
  const request = typeof input === "object" && "headers" in input ? input : undefined;
  const url = urlOf(request?.url ?? `${input}`);
  const method = given.method ?? request?.method ?? "GET";
  const signal = given.signal === undefined ? request?.signal : given.signal;
  const headers = new Headers(given.headers ?? request?.headers);
  const { repeatable, replayBytesMax = settings.replayBytesMax } = retry;
  const facts = factsOf(settings, { method, url, headers, signal, repeatable });
  return {
    input,
    init: request === undefined ? given : { ...referrerOf(request), ...given },
    headers,
    signal: signal ?? undefined,
    body: facts.repeatable
      ? new RequestBody(given.body, request, replayBytesMax)
      : new RequestBody(undefined, undefined, 0),
    options: retry,
    ...facts,
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
