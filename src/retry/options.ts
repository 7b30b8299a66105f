/** What a retry client is made of, and what one call may say differently. */
import type { DecisionRandom } from "../ask.ts";
import { checkPolicy } from "../check-policy.ts";
import { type Clock, DELAY_MAX_MS } from "../clock.ts";
import type { Outcome, Policy } from "../policy.ts";
import type { FlagSource } from "./flag-source.ts";
import type { RetryObserver } from "./observer.ts";

export interface RetryOptions extends Limits {
  /** Decides; see "stormproof/policies". */
  readonly policy: Policy;
  /** Default: `systemClock`. */
  readonly clock?: Clock;
  /** The chance of each decision, by (client, call, attempt, purpose). Default: `Math.random` for all. */
  readonly random?: DecisionRandom;
  /** Names this client in `random` and in events; a whole number ≥ 0. Default: 0. */
  readonly clientId?: number;
  /** Default: every flag at the policy's fallback. */
  readonly flags?: FlagSource;
  /** Waits are rounded up to this, so nothing is sent earlier than asked. Default: 1. */
  readonly tickMs?: number;
  /**
   * Throws the session away and builds a new one, when the policy says so, just before the attempt. It has
   * `timeoutMs` of its own and is not retried: when it fails, the attempt is sent all the same.
   */
  readonly resetSession?: SessionReset;
  /** What an attempt's error says about the server. Default: `classifyError`. */
  readonly classify?: (error: unknown) => Outcome;
  readonly observer?: RetryObserver;
}

/** `limitMs`: how long it may take, from now. */
export type SessionReset = (context: {
  readonly limitMs: number;
  readonly signal: AbortSignal;
}) => unknown;

export interface CallOptions extends Limits {
  /** The caller's: aborting it ends the call at once, in an attempt or in a wait. */
  readonly signal?: AbortSignal;
  /** Of this call alone, besides its client's. */
  readonly observer?: RetryObserver;
  /** False: whatever its failure, a timeout too, it is not retried. Default: true. */
  readonly repeatable?: boolean;
}

/** Of a client, for all its calls; or of one call, instead of its client's. At most `DELAY_MAX_MS` each. */
interface Limits {
  /** Of one attempt: then it counts as timed out, even if it ignores its signal. Default: none. */
  readonly timeoutMs?: number;
  /** Of the whole call, waits included, from its start: no attempt starts after it or outlives it. Default: none. */
  readonly deadlineMs?: number;
}

/** @throws {TypeError} naming the first option that is wrong */
export function checkRetryOptions(options: RetryOptions): void {
  if (typeof options !== "object" || options === null) {
    throw new TypeError(`Expected the options of a retry client to be an object, got ${options}.`);
  }
  checkPolicy(options.policy);
  const { clock, clientId, flags, tickMs, observer } = options;
  checkMethods("clock", clock, ["nowMs", "sleep", "timeout"]);
  checkMethods("flags", flags, ["current", "subscribe"]);
  for (const name of ["random", "resetSession", "classify"] as const) {
    if (options[name] !== undefined && typeof options[name] !== "function") {
      throw new TypeError(`Expected \`${name}\` to be a function, got ${options[name]}.`);
    }
  }
  if (clientId !== undefined && !(Number.isSafeInteger(clientId) && clientId >= 0)) {
    throw new TypeError(`Expected \`clientId\` to be a whole number ≥ 0, got ${clientId}.`);
  }
  checkObserver(observer);
  checkSpan("tickMs", tickMs);
  checkLimits(options);
}

/** @throws {TypeError} naming the first option that is wrong */
export function checkCallOptions(call: unknown, options: CallOptions): void {
  if (typeof call !== "function") {
    throw new TypeError(`Expected \`call\` to be a function, got ${call}.`);
  }
  // By its methods, so that a signal of another realm still works.
  checkMethods("signal", options.signal, ["addEventListener", "removeEventListener"]);
  checkObserver(options.observer);
  const { repeatable = true } = options;
  if (typeof repeatable !== "boolean") {
    throw new TypeError(`Expected \`repeatable\` to be true or false, got ${repeatable}.`);
  }
  checkLimits(options);
}

function checkObserver(observer: unknown): void {
  if (observer === undefined || (typeof observer === "object" && observer !== null)) return;
  throw new TypeError(`Expected \`observer\` to be an object, got ${observer}.`);
}

function checkLimits({ timeoutMs, deadlineMs }: Limits): void {
  checkSpan("timeoutMs", timeoutMs);
  checkSpan("deadlineMs", deadlineMs);
}

function checkSpan(name: string, ms: unknown): void {
  if (ms === undefined) return;
  if (typeof ms !== "number" || Number.isNaN(ms)) {
    throw new TypeError(`Expected \`${name}\` to be a number, got ${ms}.`);
  }
  if (ms <= 0) throw new TypeError(`Expected \`${name}\` to be > 0, got ${ms}.`);
  if (ms > DELAY_MAX_MS) {
    throw new TypeError(`Expected \`${name}\` to be ≤ ${DELAY_MAX_MS}, got ${ms}.`);
  }
}

function checkMethods(name: string, value: unknown, methods: readonly string[]): void {
  if (value === undefined) return;
  const object = value as Record<string, unknown> | null;
  if (methods.every((method) => typeof object?.[method] === "function")) return;
  throw new TypeError(
    `Expected \`${name}\` to be an object with ${methods.join(", ")}, got ${value}.`,
  );
}
