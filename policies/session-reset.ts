/**
 * After a given kind of failure the session is reset just before the next attempt, only if the flag
 * `automatic-session-reset` is on at that moment and this client's last reset is at least
 * `sessionResetIntervalMs` old, itself a flag. After a flip from off to on, resets are spread uniformly
 * over `sessionResetSpreadMs`.
 *
 * A reset costs the server more than the attempt it comes with, and it comes when the server is in
 * trouble. In January 2021 Signal's apps gained the automatic reset a day before the outage, without
 * either guard (signalapp/Signal-Android@728f1707b6bf435fc178ad9722f77fb448f86d0a); then the flag
 * (…@a3c7e7e552f35751c43e79481357980bb36a8404) and the interval of one hour
 * (…@a2dc781840c175913cb6a722699682b7e1830883). The spread is ours: when a flag goes on everywhere
 * within minutes, all that was held back would come at once.
 *
 * - The flag's fallback is on, as Signal's was; the interval's is the option. A flag that is no finite
 *   number ≥ 0 counts as missing.
 * - A client draws its offset once a flip. Until then its attempts go out without a reset; a wait is
 *   never made longer.
 * - The claim grows by one reset at once and one an interval. A flag that shortens the interval breaks
 *   that claim, knowingly.
 *
 * Errors: a RangeError when `after` is empty or names another kind, the interval is not > 0, or the
 * spread or `requests` is not a finite number ≥ 0. An Error around a policy that resets already.
 *
 * ```ts
 * import { fullJitter, sessionReset } from "stormproof/policies";
 *
 * const policy = sessionReset(fullJitter(), { after: ["connection"] });
 * policy.name; // => "session-reset(full-jitter)"
 * ```
 *
 * Waits in ms of `sessionReset(fullJitter({ attemptsMax: 11 }), { sessionResetIntervalMs: 1000 })`,
 * seed 1, each attempt `rejected 503`, with a mark where the session is reset:
 *
 * | attempt | 1 | 2 | 3 | 4 | 5 | 6 | 7 | 8 | 9 | 10 |
 * | --- | --- | --- | --- | --- | --- | --- | --- | --- | --- | --- |
 * | wait | 24 reset | 152 | 282 | 263 | 1021 reset | 347 | 3395 reset | 4397 reset | 9185 reset | 19954 reset |
 */
import type { Claim, NumericState, Outcome, Policy, Random, Wake } from "../src/policy.ts";
import { flagNumber } from "./flag-number.ts";
import { expect, expectAbove0, expectAtLeast, expectKnown } from "./options.ts";
import { isRetryDue, wrap } from "./wrapping.ts";

export type ResetAfter = Exclude<Outcome["kind"], "fatal">;

export interface SessionResetOptions {
  /** The failures that it comes after. @default ["rejected"] */
  readonly after?: readonly ResetAfter[];
  /** What the flag of the same name falls back to. @default 3600000 */
  readonly sessionResetIntervalMs?: number | undefined;
  /** Over how long clients are spread that may reset from one moment on. @default sessionResetIntervalMs, so that a flip costs no more a second than the interval allows */
  readonly sessionResetSpreadMs?: number | undefined;
  /** What one reset costs the server, in requests. @default 3, as read in Signal's code */
  readonly requests?: number | undefined;
}

export const SESSION_RESET_OPTIONS = [
  "after",
  "sessionResetIntervalMs",
  "sessionResetSpreadMs",
  "requests",
] as const;

/** Off: no session is reset. */
export const SESSION_RESET_FLAG = "automatic-session-reset";
/** A number: takes the place of `sessionResetIntervalMs`. */
export const SESSION_RESET_INTERVAL_FLAG = "sessionResetIntervalMs";

const LAST_MS = "sessionReset.lastMs";
const FLIP_MS = "sessionReset.flipMs";
const OFFSET_MS = "sessionReset.offsetMs";

/** Long before any clock began, and finite: −Infinity is null in JSON. */
const NEVER_MS = -Number.MAX_SAFE_INTEGER;

const KINDS: readonly ResetAfter[] = ["rejected", "timeout", "connection"];

export function sessionReset(inner: Policy, options: SessionResetOptions = {}): Policy {
  const { after, sessionResetIntervalMs, sessionResetSpreadMs, requests } = checked(options);

  function isResetDue(state: NumericState, event: Wake, random: Random): boolean {
    const { nowMs, flags, outcome } = event;
    if (outcome === undefined || outcome.kind === "fatal" || !after.includes(outcome.kind))
      return false;
    if (!flags.boolean(SESSION_RESET_FLAG, true)) return false;
    const flipMs = flags.changedAtMs(SESSION_RESET_FLAG);
    if (flipMs !== undefined) {
      if (state[FLIP_MS] !== flipMs) {
        state[FLIP_MS] = flipMs;
        state[OFFSET_MS] = random() * sessionResetSpreadMs;
      }
      if (nowMs < flipMs + state[OFFSET_MS]) return false;
    }
    const intervalMs = flagNumber(flags, SESSION_RESET_INTERVAL_FLAG, sessionResetIntervalMs);
    return nowMs - state[LAST_MS] >= intervalMs;
  }

  return wrap(inner, {
    name: "session-reset",
    own: { [LAST_MS]: NEVER_MS, [FLIP_MS]: NEVER_MS, [OFFSET_MS]: 0 },
    // `wrap` refuses what is no policy.
    claim: claimAround(inner?.claim, requests, sessionResetIntervalMs),
    decide(state, event, random) {
      const decision = inner.decide(state, event, random);
      if (decision.do !== "send" || event.kind !== "wake" || !isRetryDue(event)) return decision;
      if (!isResetDue(state, event, random)) return decision;
      state[LAST_MS] = event.nowMs;
      return { ...decision, resetSession: true };
    },
  });
}

function checked(options: SessionResetOptions): Required<SessionResetOptions> {
  expectKnown(options, SESSION_RESET_OPTIONS);
  const { after = ["rejected"], sessionResetIntervalMs = 3_600_000, requests = 3 } = options;
  const { sessionResetSpreadMs = sessionResetIntervalMs } = options;
  const isKnown = Array.isArray(after) && after.length > 0 && after.every((k) => KINDS.includes(k));
  expect("after", after, `one or more of ${KINDS.join(", ")}`, isKnown);
  expectAbove0("sessionResetIntervalMs", sessionResetIntervalMs);
  expectAtLeast("sessionResetSpreadMs", sessionResetSpreadMs, 0);
  expectAtLeast("requests", requests, 0);
  return { after: [...after], sessionResetIntervalMs, sessionResetSpreadMs, requests };
}

/** The resets come on top. A policy that claims nothing does not begin to by resetting sessions. */
function claimAround(
  inner: Claim | undefined,
  requests: number,
  sessionResetIntervalMs: number,
): Claim | undefined {
  if (inner === undefined) return undefined;
  return {
    burstPerClient: inner.burstPerClient + requests,
    ratio: inner.ratio,
    perSecond: inner.perSecond + (requests * 1000) / sessionResetIntervalMs,
  };
}
