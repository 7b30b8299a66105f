/** What is the same for all attempts of a call, whichever client sends it. */
import { layerAround } from "../retry/layers.ts";
import { ATTEMPT_HEADER, mayTell } from "./attempt-headers.ts";
import { KEY_HEADER, needsKey } from "./idempotency.ts";
import type { FetchSettings } from "./settings.ts";

export interface RequestFacts {
  /** Whether its attempts carry their number. */
  readonly isTold: boolean;
  /** Whether it is part of an outer layer's attempt, which alone retries. */
  readonly isNested: boolean;
  /** Which one, where that is known here and not told by the request itself. */
  readonly outerAttempt: number | undefined;
  /** Whether it may be retried, if its body can be sent again. */
  readonly repeatable: boolean;
  /** Whose budget its retries take from. */
  readonly budget: string;
}

export interface Asked {
  readonly method: string;
  /** Undefined when it is none. */
  readonly url: URL | undefined;
  readonly headers: { has(name: string): boolean; set(name: string, value: string): unknown };
  readonly signal?: AbortSignal | null;
  /** Where the caller says so himself. */
  readonly repeatable?: boolean;
}

/**
 * Gives the request its `Idempotency-Key`, if it needs one. Not within an outer layer's attempt: that
 * sends it again with another, and a server that trusts keys would do twice what it is asked once.
 */
export function factsOf(settings: Omit<FetchSettings, "fetch">, asked: Asked): RequestFacts {
  const { url, headers, signal } = asked;
  const method = asked.method.toUpperCase();
  const mayRepeat =
    asked.repeatable ?? (headers.has(KEY_HEADER) || settings.methods.includes(method));
  const outer = layerAround(signal);
  const isNested =
    settings.nested === "once" && (headers.has(ATTEMPT_HEADER) || outer !== undefined);
  const repeatable = mayRepeat && !isNested;
  const { idempotencyKey } = settings;
  if (!isNested && !headers.has(KEY_HEADER) && needsKey(idempotencyKey, method, repeatable)) {
    headers.set(KEY_HEADER, settings.makeIdempotencyKey());
  }
  return {
    isTold: !headers.has(ATTEMPT_HEADER) && mayTell(settings.attemptHeaders, url),
    isNested,
    outerAttempt: isNested ? outer?.attempt : undefined,
    repeatable,
    budget: url === undefined ? "" : settings.budgetOf(url),
  };
}
