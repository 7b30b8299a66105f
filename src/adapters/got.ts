import { checkOptions } from "../check-options.ts";
import { tellAttempt } from "../fetch/attempt-headers.ts";
import { KEY_HEADER } from "../fetch/idempotency.ts";
import { isInMemory } from "../fetch/repeatable-body.ts";
import { factsOf, type RequestFacts } from "../fetch/request-facts.ts";
import type { DrivenCall } from "./driven-call.ts";
import { HTTP_CHECKS, type HttpOptions, httpSettings } from "./http.ts";
import { createSteps } from "./steps.ts";

/** Of got's `Options`, what matters here. */
interface Options {
  readonly method: string;
  readonly url?: string | URL;
  readonly body?: unknown;
  readonly isStream?: boolean;
  readonly headers: Record<string, string | string[] | undefined>;
  readonly signal?: AbortSignal;
  context: Record<PropertyKey, unknown>;
  timeout: { request?: number };
}

/** What got keeps of a call from attempt to attempt, in its `context`. */
interface Kept {
  readonly call: DrivenCall;
  readonly facts: RequestFacts;
  readonly timeoutMs: number | undefined;
  /** What took its place, where the deadline is nearer. */
  limitMs?: number;
  body: unknown;
  /** Headers that are not the caller's. */
  readonly own: Map<string, string>;
}

const KEPT = Symbol("stormproof");

/** Of a `got.extend`, what is set here. */
export interface GotOptions {
  readonly handlers: (<O, T>(options: O, next: (options: O) => T) => T)[];
  readonly retry: {
    readonly enforceRetryRules: false;
    readonly calculateDelay: (failure: {
      readonly error: Error;
      readonly computedValue: number;
    }) => Promise<number>;
  };
  readonly hooks: {
    readonly beforeRequest: ((options: object) => Promise<void>)[];
    readonly afterResponse: (<R>(response: R) => Promise<R>)[];
  };
}

/**
 * Options for `got.extend` (16), so that a policy decides what got retries, and when. Make one and keep it:
 * its calls to one origin share a budget.
 *
 * Retried is as `createFetch` retries: what is idempotent, or has an `Idempotency-Key`; never a stream. got's
 * `retry.methods`, `statusCodes`, `errorCodes`, `limit` and `maxRetryAfter` mean nothing any more; its
 * `timeout` limits each attempt. `got.stream` is passed through: it retries only who listens for it.
 *
 * A call rejects with got's error, as ever; `stopOf` tells why it was given up.
 *
 * @throws {TypeError} when an option is wrong
 * @example
 * ```ts
 * import got from "got";
 * import { forGot } from "stormproof/adapters";
 *
 * const client = got.extend(forGot({ deadlineMs: 8000 }), { timeout: { request: 2000 } });
 * ```
 */
export function forGot(options: HttpOptions = {}): GotOptions {
  checkOptions("options", options, HTTP_CHECKS);
  const settings = httpSettings(options);
  const { methods, idempotencyKey, makeIdempotencyKey, attemptHeaders, budgetOf, ...ofSteps } =
    options;
  const steps = createSteps({ ...ofSteps, classify: settings.classify });
  // To a hook they are streams, but got makes a new one of the form for each attempt.
  const forms = new WeakSet<object>();

  function begin(request: Options): Kept {
    const { method, url, body, signal, timeout } = request;
    const own = new Map<string, string>();
    const facts = factsOf(settings, {
      method,
      url: URL.parse(`${url}`) ?? undefined,
      headers: headersOf(request, own),
      signal,
    });
    const owner = {};
    const repeatable = facts.repeatable && (isInMemory(body) || forms.has(request));
    const call = steps.begin({ signal, budget: facts.budget, repeatable, owner });
    return Object.assign(owner, { call, facts, timeoutMs: timeout.request, body, own });
  }

  async function beforeRequest(options: object): Promise<void> {
    const request = options as Options;
    if (request.isStream) return;
    let kept = keptBy(request);
    // An attempt that goes on elsewhere, by a redirect, has begun.
    if (kept?.call.attempt === undefined) {
      takeBack(request);
      kept = begin(request);
      request.context = { ...request.context, [KEPT]: kept };
      if (!(await kept.call.started())) throw kept.call.stopped;
    }
    // An `afterResponse` hook asks for something else: under the old key a server would refuse it.
    if (typeof request.body === "string" && request.body !== kept.body) {
      kept.body = request.body;
      if (kept.own.has(KEY_HEADER)) {
        headersOf(request, kept.own).set(KEY_HEADER, settings.makeIdempotencyKey());
      }
    }
    const { attempt = 1, limitMs = Infinity } = kept.call.attempt ?? {};
    const { isTold, outerAttempt = attempt } = kept.facts;
    if (isTold) tellAttempt(headersOf(request, kept.own), outerAttempt, limitMs);
    const limit = Math.min(kept.timeoutMs ?? Infinity, Math.ceil(limitMs));
    if (limit < Infinity) {
      request.timeout = { ...request.timeout, request: limit };
      kept.limitMs = limit;
    }
  }

  return {
    handlers: [
      (options, next) => {
        const request = options as Options;
        if (request.body instanceof FormData) forms.add(request);
        return next(options);
      },
    ],
    retry: {
      enforceRetryRules: false,
      async calculateDelay({ error, computedValue }) {
        const kept = keptBy((error as { options?: Options }).options);
        // What an `afterResponse` hook asks for is no failure.
        if (kept === undefined || error.name === "RetryError") return computedValue;
        if (await kept.call.failed(error)) return 1;
        takeBack((error as { options?: Options }).options);
        return 0;
      },
    },
    hooks: {
      beforeRequest: [beforeRequest],
      afterResponse: [
        async (response) => {
          const { statusCode, request } = response as {
            statusCode?: number;
            request?: { options?: Options };
          };
          if (Number(statusCode) < 400) {
            await keptBy(request?.options)?.call.succeeded();
            takeBack(request?.options);
          }
          return response;
        },
      ],
    },
  };
}

function keptBy(request: Options | undefined): Kept | undefined {
  return request?.context[KEPT] as Kept | undefined;
}

function headersOf({ headers }: Options, own: Map<string, string>) {
  return {
    has: (name: string) => headers[name.toLowerCase()] !== undefined,
    set: (name: string, value: string) => {
      headers[name.toLowerCase()] = value;
      own.set(name.toLowerCase(), value);
    },
  };
}

/** The call is over: who sends these options again makes another. */
function takeBack(request: Options | undefined): void {
  const kept = keptBy(request);
  if (request === undefined || kept === undefined) return;
  for (const [name, value] of kept.own) {
    if (request.headers[name] === value) delete request.headers[name];
  }
  if (request.timeout.request === kept.limitMs) {
    request.timeout = { ...request.timeout, request: kept.timeoutMs };
  }
}
