import type { Outcome } from "../policy.ts";
import { askedWaitMs, type Fields, fieldsOf } from "../retry/asked-wait.ts";
import { classifyError } from "../retry/classify.ts";
import { saysStop } from "../retry/stop-signal.ts";
import type { DrivenCall } from "./driven-call.ts";
import { outcomeOfAnswer } from "./http.ts";
import { createSteps, type StepsOptions } from "./steps.ts";

/** As `RetryToken` of @smithy/types. */
interface Token {
  getRetryCount(): number;
  getRetryDelay(): number;
}

/** As `RetryErrorInfo` of @smithy/types. */
interface ErrorInfo {
  readonly error?: unknown;
  readonly errorType: string;
}

/** As `RetryStrategyV2` of @smithy/types. */
export interface AwsRetryStrategy {
  acquireInitialRetryToken(scope: string): Promise<Token>;
  refreshRetryTokenForRetry(token: Token, info: ErrorInfo): Promise<Token>;
  recordSuccess(token: Token): void;
}

/**
 * The `retryStrategy` of a client of the AWS SDK (v3). Make one for each service that can be overloaded by
 * itself, and keep it: its commands share a budget.
 *
 * What the SDK calls throttling or transient, beyond what its status says, counts as such here; the SDK's
 * own gates stay (no streams), and all its commands count as repeatable, as in its own strategies. The
 * waits run within the strategy: the SDK's `$metadata.totalRetryDelay` leaves them out. A command that is
 * aborted ends at once, but nobody tells its strategy: a wait runs on, and its token may be spent.
 *
 * The SDK sends outside of what a strategy sees, so a layer that retries below it, a `fetch` or a global
 * dispatcher that FetchHttpHandler sends by, does not know that it is one: have one of them retry.
 *
 * A command rejects with the SDK's error, as ever; `stopOf` tells why it was given up.
 *
 * @throws {TypeError} when an option is wrong
 * @example
 * ```ts
 * import { STSClient } from "@aws-sdk/client-sts";
 * import { forAws } from "stormproof/adapters";
 * import { vetted } from "stormproof/policies";
 *
 * const client = new STSClient({ region: "eu-north-1", retryStrategy: forAws({ policy: vetted() }) });
 * ```
 */
export function forAws(options: StepsOptions = {}): AwsRetryStrategy {
  const types = new WeakMap<object, string>();
  const {
    classify = (error: unknown) => outcomeOf(error, types.get(error as object)),
    ...ofSteps
  } = options;
  const steps = createSteps({ ...ofSteps, classify });
  const calls = new WeakMap<Token, DrivenCall>();

  return {
    async acquireInitialRetryToken() {
      const token = new CallToken();
      // When its command is aborted, the SDK forgets it without a word.
      const call = steps.begin({ owner: token });
      calls.set(token, call);
      if (!(await call.started())) throw call.stopped;
      return token;
    },

    async refreshRetryTokenForRetry(token, { error, errorType }) {
      const call = calls.get(token);
      if (call === undefined || !(token instanceof CallToken)) {
        throw new TypeError("Expected a token that this retry strategy has given.");
      }
      if (typeof error === "object" && error !== null) types.set(error, errorType);
      if (!(await call.failed(error))) throw call.stopped;
      token.retries++;
      return token;
    },

    recordSuccess(token) {
      calls.get(token)?.succeeded();
    },
  };
}

/** One for all attempts of a call. */
class CallToken implements Token {
  retries = 0;

  getRetryCount(): number {
    return this.retries;
  }

  /** The wait is over when the SDK is given it. */
  getRetryDelay(): number {
    return 0;
  }
}

const BROKEN = new Set(["ECONNRESET", "EPIPE"]);

interface SdkError {
  readonly code?: unknown;
  readonly $metadata?: { readonly httpStatusCode?: number };
  readonly $response?: { readonly statusCode?: number; readonly headers?: unknown };
}

function outcomeOf(error: unknown, type: string | undefined): Outcome {
  const { $metadata, $response, code } = (error ?? {}) as SdkError;
  const status = $metadata?.httpStatusCode ?? $response?.statusCode;
  const headers = fieldsOf($response?.headers);
  if (status !== undefined && saysStop(headers)) return { kind: "fatal", status };
  const retryAfterMs = askedWaitMs(headers) ?? amazonWaitMs(headers);
  // By its name the SDK knows of many a 400 that the service is busy.
  const rejected = (status: number): Outcome =>
    retryAfterMs === undefined
      ? { kind: "rejected", status }
      : { kind: "rejected", status, retryAfterMs };
  if (type === "THROTTLING") return rejected(status ?? 429);
  if (type === "TRANSIENT" && status !== undefined && status >= 400) return rejected(status);
  if (status !== undefined && status >= 400) return outcomeOfAnswer(status, headers);
  // The SDK calls a broken connection a timeout too.
  if (BROKEN.has(String(code))) return { kind: "connection" };
  const outcome = classifyError(error);
  return type === "TRANSIENT" && outcome.kind === "fatal" ? { kind: "connection" } : outcome;
}

/** Some services ask in milliseconds. */
function amazonWaitMs(headers: Fields): number | undefined {
  const value = headers.get("x-amz-retry-after") ?? "";
  return /^\d{1,15}$/.test(value) ? Number(value) : undefined;
}
