import { checkOptions } from "../check-options.ts";
import { tellAttempt } from "../fetch/attempt-headers.ts";
import { Budgets } from "../fetch/budgets.ts";
import { isInMemory } from "../fetch/repeatable-body.ts";
import { factsOf } from "../fetch/request-facts.ts";
import type { Outcome } from "../policy.ts";
import type { Attempt } from "../retry/attempt.ts";
import { forgetOlder, markGivenUp, marksSoFar } from "../retry/given-up.ts";
import { inheritLayer, watchLayers } from "../retry/layers.ts";
import { RetryStopped } from "../retry/retry-stopped.ts";
import { classifyAnswered, HTTP_CHECKS, type HttpOptions, httpSettings } from "./http.ts";

/** Of `AxiosHeaders`. */
interface Fields {
  has(name: string): boolean;
  set(name: string, value: string): unknown;
}

/** Of axios's `InternalAxiosRequestConfig`, what matters here. */
interface Config {
  readonly url?: string;
  readonly baseURL?: string;
  readonly method?: string;
  readonly data?: unknown;
  readonly headers: Fields;
  readonly signal?: unknown;
  readonly cancelToken?: unknown;
}

/**
 * Puts a policy around an adapter of axios (1): `axios.create({ adapter: forAxios(...) })`. Make one and
 * keep it: its calls to one origin share a budget.
 *
 * The adapter is what sends, so interceptors and transformations run once a call, and `timeout` limits each
 * attempt. Retried is as `createFetch` retries: what is idempotent, or has an `Idempotency-Key`; never a
 * stream. The call ends as it would have with the last attempt, with axios's response or error, and
 * `stopOf` tells why; a `deadlineMs` that passes during an attempt ends it with a `TimeoutError`.
 *
 * `error.config` and `response.config` are what the caller asked for, so it can be sent again as it is.
 *
 * @throws {TypeError} when an option is wrong, or `send` is no function
 * @example
 * ```ts
 * import axios from "axios";
 * import { forAxios } from "stormproof/adapters";
 *
 * const send = axios.getAdapter(axios.defaults.adapter);
 * const client = axios.create({ adapter: forAxios(send, { deadlineMs: 8000 }), timeout: 2000 });
 * ```
 */
export function forAxios<C extends Config, R extends { readonly status: number }>(
  send: (config: C) => Promise<R>,
  options: HttpOptions = {},
): (config: C) => Promise<R> {
  if (typeof send !== "function") {
    throw new TypeError(
      `Expected \`send\` to be a function, as \`axios.getAdapter(axios.defaults.adapter)\` gives, got ${send}.`,
    );
  }
  checkOptions("options", options, HTTP_CHECKS);
  const settings = httpSettings({ ...options, classify: options.classify ?? classifyAxios });
  const budgets = new Budgets({ ...options, classify: settings.classify });
  watchLayers();
  return async (config) => {
    const { method = "get", data } = config;
    // The caller may send his own once more, in another call.
    const headers = copyOf(config.headers);
    const token = (config.cancelToken as CancelToken | undefined)?.toAbortSignal?.();
    const signal = signalOf(config.signal as AbortSignal | undefined, token);
    const facts = factsOf(settings, { method, url: urlOf(config), headers, signal });
    const repeatable = facts.repeatable && isInMemory(data);
    let failed: unknown;
    const attemptOnce = async ({ attempt, limitMs, signal: limit }: Attempt) => {
      letGo(failed);
      if (facts.isTold) tellAttempt(headers, facts.outerAttempt ?? attempt, limitMs);
      const both = signal ? inheritLayer(AbortSignal.any([limit, signal]), limit) : limit;
      const marksBefore = marksSoFar();
      const sent = { ...config, headers: copyOf(headers), signal: both, cancelToken: undefined };
      try {
        const response = await send(sent);
        restoreConfig(response, sent, config);
        // Let through by `validateStatus`, for a caller who looks at it himself.
        if (response.status >= 400) throw new AnsweredNo(response);
        return response;
      } catch (error) {
        restoreConfig(error, sent, config);
        forgetOlder(error, marksBefore);
        failed = error;
        throw error;
      }
    };
    try {
      return await budgets.use(facts.budget, (retry) => retry(attemptOnce, { signal, repeatable }));
    } catch (error) {
      if (!(error instanceof RetryStopped)) throw error;
      const cause = error.cause ?? error;
      const ending = cause instanceof AnsweredNo ? cause.response : cause;
      markGivenUp(ending, error, repeatable);
      if (cause instanceof AnsweredNo) return cause.response as R;
      throw cause;
    } finally {
      token?.unsubscribe?.();
    }
  };
}

/** Where axios has words of its own. */
function classifyAxios(error: unknown): Outcome {
  const { response, code, cause } = (error ?? {}) as Record<string, unknown>;
  if (response === undefined) {
    if (code === "ERR_NETWORK") return { kind: "connection" };
    // Of the socket itself, such an error would be the cause.
    const isTimeout = code === "ECONNABORTED" || code === "ETIMEDOUT";
    if (isTimeout && cause === undefined) return { kind: "timeout" };
  }
  return classifyAnswered(error);
}

class AnsweredNo extends Error {
  readonly response: { readonly status: number };

  constructor(response: { readonly status: number }) {
    super(`Answered ${response.status}`);
    this.response = response;
  }
}

interface CancelToken {
  toAbortSignal?(): AbortSignal & { unsubscribe?(): void };
}

function signalOf(...given: (AbortSignal | null | undefined)[]): AbortSignal | undefined {
  const [first, second] = given.filter((one) => one !== undefined && one !== null);
  return second === undefined ? first : AbortSignal.any([first, second]);
}

/** The class of axios is not at hand; that of the platform keeps its fields to itself. */
function copyOf(headers: Fields): Fields {
  if (headers instanceof Headers) return new Headers(headers);
  return Object.assign(Object.create(Object.getPrototypeOf(headers)), headers);
}

/** What an attempt was sent with is none of the caller's. */
function restoreConfig(ending: unknown, sent: object, config: object): void {
  const { response } = (ending ?? {}) as { response?: unknown };
  for (const one of [ending, response] as ({ config?: object } | undefined)[]) {
    if (one?.config === sent) one.config = config;
  }
}

/** As axios combines them. */
function urlOf({ url = "", baseURL = "" }: Config): URL | undefined {
  const { location } = globalThis as { location?: { href: string } };
  const whole = /^([a-z][a-z\d+.-]*:)?\/\//i.test(url)
    ? url
    : `${baseURL.replace(/\/+$/, "")}/${url.replace(/^\/+/, "")}`;
  return URL.parse(whole, location?.href) ?? undefined;
}

/** Frees the connection of a rejection that nobody will read, if its body is a stream. */
function letGo(error: unknown): void {
  const { response } = (error ?? {}) as { response?: { data?: Record<string, unknown> } };
  const { data } = response ?? {};
  if (typeof data?.destroy === "function") data.destroy();
  else if (typeof data?.cancel === "function") data.cancel().catch(() => {});
}
