/** How a policy's driver reads what undici tells. */
import type { Dispatcher } from "undici";
import type { Outcome } from "../policy.ts";
import { askedWaitMs } from "../retry/asked-wait.ts";
import { classifyError } from "../retry/classify.ts";

export type AnswerHeaders = Parameters<
  NonNullable<Dispatcher.DispatchHandler["onResponseStart"]>
>[2];

/** The server answered with 400 or above. What `classify` is handed, and what `RetryStopped.causes` holds. */
export class RejectedAnswer extends Error {
  override readonly name = "RejectedAnswer";
  readonly status: number;
  /** What its Retry-After or RateLimit field asks for, from now; undefined without a valid one. */
  readonly retryAfterMs: number | undefined;
  readonly response: {
    readonly status: number;
    readonly headers: { get(name: string): string | null };
  };

  constructor(status: number, headers: AnswerHeaders) {
    super(`Answered ${status}`);
    const get = (name: string) => {
      const value = headers?.[name];
      return value === undefined ? null : `${value}`;
    };
    this.status = status;
    this.response = { status, headers: { get } };
    this.retryAfterMs = askedWaitMs(this.response.headers);
  }
}

/** `classifyError`, for errors as they come from a dispatcher: not wrapped by fetch, perhaps by an interceptor. */
export function classifyDispatched(error: unknown): Outcome {
  const { name, code, statusCode, headers } = (error ?? {}) as Record<string, unknown>;
  // What is no HTTP, fetch words as a broken connection.
  if (name === "HTTPParserError") return { kind: "connection" };
  // Of `interceptors.responseError()`, if that is composed before.
  if (code === "UND_ERR_RESPONSE") {
    return classifyError(new RejectedAnswer(Number(statusCode), headers as AnswerHeaders));
  }
  return classifyError(error);
}
