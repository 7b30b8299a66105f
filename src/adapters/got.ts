import { checkOptions } from "../check-options.ts";
import { tellAttempt } from "../fetch/attempt-headers.ts";
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
}

const KEPT = Symbol("stormproof");

/** Of a `got.extend`, what is set here. */
export interface GotOptions {
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

  function begin(request: Options): Kept {
    const { method, url, body, headers, signal, timeout } = request;
    const given = {
      has: (name: string) => headers[name] !== undefined,
      set: (name: string, value: string) => {
        headers[name] = value;
      },
    };
    const facts = factsOf(settings, {
      method,
      url: URL.parse(`${url}`) ?? undefined,
      headers: given,
      signal,
    });
    const owner = {};
    const repeatable = facts.repeatable && isInMemory(body);
    const call = steps.begin({ signal, budget: facts.budget, repeatable, owner });
    return Object.assign(owner, { call, facts, timeoutMs: timeout.request });
  }

  async function beforeRequest(options: object): Promise<void> {
    const request = options as Options;
    if (request.isStream) return;
    let kept = keptBy(request);
    // An attempt that goes on elsewhere, by a redirect, has begun.
    if (kept?.call.attempt === undefined) {
      kept = begin(request);
      request.context = { ...request.context, [KEPT]: kept };
      if (!(await kept.call.started())) throw kept.call.stopped;
    }
    const { attempt = 1, limitMs = Infinity } = kept.call.attempt ?? {};
    const { isTold, outerAttempt = attempt } = kept.facts;
    if (isTold) {
      const set = (name: string, value: string) => {
        request.headers[name] = value;
      };
      tellAttempt({ set }, outerAttempt, limitMs);
    }
    const limit = Math.min(kept.timeoutMs ?? Infinity, Math.ceil(limitMs));
    if (limit < Infinity) request.timeout = { ...request.timeout, request: limit };
  }

  return {
    retry: {
      enforceRetryRules: false,
      async calculateDelay({ error, computedValue }) {
        const kept = keptBy((error as { options?: Options }).options);
        // What an `afterResponse` hook asks for is no failure.
        if (kept === undefined || error.name === "RetryError") return computedValue;
        return (await kept.call.failed(error)) ? 1 : 0;
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
          if (Number(statusCode) < 400) await keptBy(request?.options)?.call.succeeded();
          return response;
        },
      ],
    },
  };
}

function keptBy(request: Options | undefined): Kept | undefined {
  return request?.context[KEPT] as Kept | undefined;
}
