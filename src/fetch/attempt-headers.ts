/**
 * How a request says which attempt it is and how long its sender waits, so that the next layer can see
 * that it is being retried. The decision record 10 tells why these names, and why not Envoy's or gRPC's.
 */

/** Which attempt of the outermost call this is, from 1, as Envoy's `x-envoy-attempt-count` counts. */
export const ATTEMPT_HEADER = "retry-attempt";

/** How long its sender waits for an answer: whole milliseconds from the sending, as in `connect-timeout-ms`. */
export const TIMEOUT_HEADER = "request-timeout-ms";

/**
 * "same-origin": in a browser, only to the page's own origin, because any other would have to be asked
 * for its permission first (a CORS preflight: one more request, or a refusal of the whole call); where
 * there is no page, to all.
 */
export type AttemptHeaders = "same-origin" | "always" | "never";

export function mayTell(mode: AttemptHeaders, url: URL | undefined): boolean {
  if (mode !== "same-origin") return mode === "always";
  const { location } = globalThis as { location?: { origin: string } };
  return location === undefined || location.origin === url?.origin;
}

export function tellAttempt(headers: Pick<Headers, "set">, attempt: number, limitMs: number): void {
  headers.set(ATTEMPT_HEADER, `${attempt}`);
  // Rounded down, but never to "do not begin".
  if (limitMs < Infinity) headers.set(TIMEOUT_HEADER, `${Math.max(1, Math.floor(limitMs))}`);
}

/**
 * For servers: what a request says of itself. Undefined where it says nothing that makes sense; a limit
 * is Infinity where none is told.
 *
 * With `node:http` hand in `new Headers(...)` of its headers, or `{ get: (name) => headers[name] ?? null }`.
 *
 * A server may refuse retries before first attempts, skip work that its caller will not wait for, and
 * leave retries of its own to a caller that retries.
 *
 * @example
 * ```ts
 * import { readAttempt } from "stormproof/fetch";
 *
 * readAttempt(new Headers({ "retry-attempt": "2", "request-timeout-ms": "800" }));
 * // => { attempt: 2, limitMs: 800 }
 * readAttempt(new Headers()); // => undefined
 * ```
 */
export function readAttempt(headers: {
  get(name: string): string | null;
}): { attempt: number; limitMs: number } | undefined {
  const [attempt, limitMs] = [ATTEMPT_HEADER, TIMEOUT_HEADER].map((name) => {
    const value = headers.get(name) ?? "";
    // Ten digits, as in gRPC and Connect: a third of a year.
    return /^\d{1,10}$/.test(value) ? Number(value) : undefined;
  });
  return attempt ? { attempt, limitMs: limitMs ?? Infinity } : undefined;
}
