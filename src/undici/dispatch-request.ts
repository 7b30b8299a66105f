/** What a caller asks a dispatcher for, read once: it is the same for all attempts of the call. */
import type { Dispatcher } from "undici";
import { isInMemory } from "../fetch/repeatable-body.ts";
import { factsOf, type RequestFacts } from "../fetch/request-facts.ts";
import type { FetchSettings } from "../fetch/settings.ts";
import { RequestHeaders } from "./request-headers.ts";

export interface DispatchRequest extends RequestFacts {
  readonly options: Dispatcher.DispatchOptions;
  readonly headers: RequestHeaders;
  readonly isBodyRepeatable: boolean;
}

export function requestOf(
  settings: FetchSettings,
  options: Dispatcher.DispatchOptions,
): DispatchRequest {
  const { method, origin, path } = options;
  const { signal } = options as { signal?: unknown };
  const headers = new RequestHeaders(options.headers);
  const facts = factsOf(settings, {
    method,
    // What is none, undici refuses in its own words.
    url: URL.parse(path, `${origin}`) ?? undefined,
    headers,
    signal: signal instanceof AbortSignal ? signal : undefined,
    // Undici's own word for "can be safely retried".
    repeatable: options.idempotent,
  });
  return { options, headers, isBodyRepeatable: isInMemory(options.body), ...facts };
}
