import type { Attempt } from "../retry/attempt.ts";
import {
  type Attributes,
  RESEND_COUNT,
  SPAN_KIND_CLIENT,
  type Span,
  STATUS_ERROR,
  type Tracer,
} from "./api.ts";

export interface TracedOptions {
  /** The span's, beside `http.request.resend_count` and `error.type`. */
  readonly attributes?: Attributes;
}

/**
 * Gives each attempt of a call a span of its own, for requests that nothing else makes spans of. It is the
 * active span while the function runs, and ends with the attempt, also with one that is deaf to its signal.
 *
 * @example
 * ```ts
 * import { createRetry } from "stormproof";
 * import { tracedAttempts } from "stormproof/opentelemetry";
 * import { trace } from "@opentelemetry/api";
 *
 * const retry = createRetry();
 * const ask = async ({ signal }) => "fine";
 * await retry(tracedAttempts(trace.getTracer("app"), "ask", ask)); // => "fine"
 * ```
 */
export function tracedAttempts<T>(
  tracer: Tracer,
  name: string,
  call: (attempt: Attempt) => T | PromiseLike<T>,
  { attributes = {} }: TracedOptions = {},
): (attempt: Attempt) => Promise<T> {
  return (at) => {
    const resends: Attributes = at.attempt > 1 ? { [RESEND_COUNT]: at.attempt - 1 } : {};
    const options = { kind: SPAN_KIND_CLIENT, attributes: { ...attributes, ...resends } };
    return tracer.startActiveSpan(name, options, (span) => traced(span, at, call));
  };
}

async function traced<T>(
  span: Span,
  at: Attempt,
  call: (attempt: Attempt) => T | PromiseLike<T>,
): Promise<T> {
  const { signal } = at;
  const end = () => {
    signal.removeEventListener("abort", onAbort);
    span.end();
  };
  const fail = (error: unknown) => {
    span.setAttribute("error.type", typeOf(error));
    span.setStatus({ code: STATUS_ERROR, message: error instanceof Error ? error.message : "" });
  };
  const onAbort = () => {
    fail(signal.reason);
    end();
  };
  signal.addEventListener("abort", onAbort);
  try {
    return await call(at);
  } catch (error) {
    if (!signal.aborted) fail(error);
    throw error;
  } finally {
    if (!signal.aborted) end();
  }
}

/** The status as text, or what kind of error it is: https://opentelemetry.io/docs/specs/semconv/registry/attributes/error */
function typeOf(error: unknown): string {
  if (typeof error !== "object" || error === null) return "_OTHER";
  const { status, name } = error as { readonly status?: unknown; readonly name?: unknown };
  if (typeof status === "number") return String(status);
  return typeof name === "string" ? name : "_OTHER";
}
