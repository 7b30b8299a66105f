/** What the adapters of HTTP clients have in common: which requests they repeat, and how they read errors. */
import type { Checks } from "../check-options.ts";
import { FETCH_CHECKS, type FetchOptions } from "../fetch/options.ts";
import { type FetchSettings, settingsOf } from "../fetch/settings.ts";
import { outcomeOfStatus } from "../outcome.ts";
import type { Outcome } from "../policy.ts";
import { askedWaitMs, type Fields, fieldsOf } from "../retry/asked-wait.ts";
import { classifyError } from "../retry/classify.ts";
import { isGivenUp } from "../retry/given-up.ts";
import { saysStop } from "../retry/stop-signal.ts";

/** As `FetchOptions`; the time of an attempt is the client's own to limit. */
export type HttpOptions = Omit<
  FetchOptions,
  "fetch" | "timeoutMs" | "replayBytesMax" | "giveUp" | "resetSession"
>;

const { fetch, timeoutMs, replayBytesMax, giveUp, resetSession, ...CHECKS } = FETCH_CHECKS;

export const HTTP_CHECKS: Checks<HttpOptions> = CHECKS;

export function httpSettings(options: HttpOptions): FetchSettings {
  return settingsOf({ ...options, classify: options.classify ?? classifyAnswered });
}

/** `classifyError`, and RateLimit as well as Retry-After. */
export function classifyAnswered(error: unknown): Outcome {
  const { response } = (error ?? {}) as { response?: Record<string, unknown> };
  const status = [response?.status, response?.statusCode].find(Number.isInteger);
  if (typeof status !== "number" || status < 400 || isGivenUp(error) || isGivenUp(response)) {
    return classifyError(error);
  }
  return outcomeOfAnswer(status, fieldsOf(response?.headers));
}

export function outcomeOfAnswer(status: number, headers: Fields): Outcome {
  if (saysStop(headers)) return { kind: "fatal", status };
  return outcomeOfStatus(status, askedWaitMs(headers));
}
