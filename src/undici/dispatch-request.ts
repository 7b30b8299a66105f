/** What a caller asks a dispatcher for, read once: it is the same for all attempts of the call. */
import type { Dispatcher } from "undici";
import { ATTEMPT_HEADER, mayTell } from "../fetch/attempt-headers.ts";
import { KEY_HEADER, needsKey } from "../fetch/idempotency.ts";
import type { FetchSettings } from "../fetch/settings.ts";
import { layerAround } from "../retry/layers.ts";
import { RequestHeaders } from "./request-headers.ts";

export interface DispatchRequest {
  readonly options: Dispatcher.DispatchOptions;
  readonly headers: RequestHeaders;
  /** Whether it may be retried, if its body can be sent again. */
  readonly repeatable: boolean;
  readonly isBodyRepeatable: boolean;
  /** Whether its attempts carry their number. */
  readonly isTold: boolean;
  /** Whether it is part of an outer layer's attempt, which alone retries. */
  readonly isNested: boolean;
  /** Which one, where that is known here and not told by the request itself. */
  readonly outerAttempt: number | undefined;
  /** Whose budget its retries take from. */
  readonly budget: string;
}

export function requestOf(
  settings: FetchSettings,
  options: Dispatcher.DispatchOptions,
): DispatchRequest {
  const { signal } = options as { signal?: unknown };
  const method = options.method.toUpperCase();
  const headers = new RequestHeaders(options.headers);

  const { methods, nested } = settings;
  // Undici's own word for "can be safely retried".
  const mayRepeat = options.idempotent ?? (headers.has(KEY_HEADER) || methods.includes(method));
  const outer = layerAround(signal instanceof AbortSignal ? signal : undefined);
  const isNested = nested === "once" && (headers.has(ATTEMPT_HEADER) || outer !== undefined);
  const repeatable = mayRepeat && !isNested;
  const isTold = !headers.has(ATTEMPT_HEADER) && mayTell(settings.attemptHeaders, undefined);
  if (!headers.has(KEY_HEADER) && needsKey(settings.idempotencyKey, method, repeatable)) {
    headers.set(KEY_HEADER, settings.makeIdempotencyKey());
  }
  const url = urlOf(options);
  return {
    options,
    headers,
    repeatable,
    isBodyRepeatable: isRepeatable(options.body),
    isTold,
    isNested,
    outerAttempt: isNested ? outer?.attempt : undefined,
    budget: url === undefined ? "" : settings.budgetOf(url),
  };
}

/** Undici itself says what is wrong with it. */
function urlOf({ origin, path }: Dispatcher.DispatchOptions): URL | undefined {
  return URL.parse(path, `${origin}`) ?? undefined;
}

/**
 * What is in memory can be sent as often as one likes. Anything else, a stream, a generator or any other
 * iterable, is read once: whoever sends it again sends nothing, and is told of a success.
 */
function isRepeatable(body: unknown): boolean {
  if (body === undefined || body === null || typeof body === "string") return true;
  if (ArrayBuffer.isView(body) || body instanceof ArrayBuffer || body instanceof Blob) return true;
  // By its name, as undici does: each version of it has one of its own.
  return (body as { [Symbol.toStringTag]?: unknown })[Symbol.toStringTag] === "FormData";
}
