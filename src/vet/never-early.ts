/**
 * Law 5: nothing is sent before the server's Retry-After has passed, nothing at or after the deadline,
 * and every wait is a finite number.
 */

import { NO_FLAGS } from "../ask.ts";
import type { Failure, Outcome, Policy } from "../policy.ts";
import { type RequestEnd, SilentTrace } from "../trace.ts";
import { broken, KEPT, type Law, type Verdict } from "./law.ts";

export const neverEarly: Law = {
  number: 5,
  name: "never early",
  promise: "it comes no earlier than Retry-After says, and not after the deadline",
  async judge(policy, { scenario, seed }, run) {
    const finite = waitsAreFinite(policy);
    if (finite.kept !== true) return finite;
    const trace = new Sendings(scenario.clients.deadlineMs ?? Infinity);
    await run({ scenario, policy, seed, trace });
    return trace.verdict;
  },
};

class Sendings extends SilentTrace {
  verdict: Verdict = KEPT;
  readonly #deadlineMs: number;
  readonly #startedUs = new Map<string, number>();
  readonly #notBefore = new Map<string, { atUs: number; hintMs: number; hintedUs: number }>();

  constructor(deadlineMs: number) {
    super();
    this.#deadlineMs = deadlineMs;
  }

  override callStarted(atUs: number, client: number, call: number): void {
    this.#startedUs.set(`${client}/${call}`, atUs);
  }

  override requestSent(atUs: number, client: number, call: number, attempt: number): void {
    if (this.verdict.kept !== true) return;
    const key = `${client}/${call}`;
    const hint = this.#notBefore.get(key);
    if (hint !== undefined && atUs < hint.atUs) {
      this.verdict = broken(
        `The server said "retry after ${hint.hintMs} ms" at ${hint.hintedUs / 1000} ms; ` +
          `client ${client} sent attempt ${attempt} of call ${call} ${(atUs - hint.hintedUs) / 1000} ms later.`,
      );
    }
    const sinceMs = (atUs - (this.#startedUs.get(key) ?? 0)) / 1000;
    if (sinceMs >= this.#deadlineMs) {
      this.verdict = broken(
        `Client ${client} sent attempt ${attempt} of call ${call} after ${sinceMs} ms; ` +
          `the call's deadline is ${this.#deadlineMs} ms.`,
      );
    }
  }

  override requestEnded(
    atUs: number,
    client: number,
    call: number,
    _attempt: number,
    part: number,
    end: RequestEnd,
  ): void {
    // A failed session reset delays nothing: its attempt is sent all the same.
    if (part > 0) return;
    if (end.kind !== "rejected" || end.retryAfterMs === undefined) return;
    const key = `${client}/${call}`;
    const { retryAfterMs } = end;
    const untilUs = atUs + retryAfterMs * 1000;
    // Another attempt that was in flight may have been told a later time.
    if (untilUs < (this.#notBefore.get(key)?.atUs ?? 0)) return;
    this.#notBefore.set(key, { atUs: untilUs, hintMs: retryAfterMs, hintedUs: atUs });
  }
}

const DRAWS = [0, 1 - 2 ** -53];
const ATTEMPTS_MAX = 2_000;
const OUTCOMES: readonly Outcome[] = [
  { kind: "timeout" },
  { kind: "connection" },
  { kind: "rejected", status: 503 },
  { kind: "rejected", status: 429, retryAfterMs: 2_000 },
];

/** Attempts 1 to 2,000 and the two extreme draws, after every kind of failure. */
function waitsAreFinite(policy: Policy): Verdict {
  for (const draw of DRAWS) {
    let delayBeforeMs = 0;
    for (let attempt = 1; attempt <= ATTEMPTS_MAX; attempt++) {
      const outcome = OUTCOMES[attempt % OUTCOMES.length];
      const event: Failure = {
        kind: "failure",
        nowMs: attempt * 1000,
        flags: NO_FLAGS,
        attempt,
        elapsedMs: attempt * 1000,
        latencyMs: 1000,
        delayBeforeMs,
        hedges: 0,
        outcome,
      };
      const decision = policy.decide({ ...policy.initial }, event, () => draw);
      if (decision.do !== "wait") continue;
      delayBeforeMs = decision.delayMs;
      if (!(delayBeforeMs >= 0 && delayBeforeMs < Infinity)) {
        return broken(`After attempt ${attempt} it asked to wait ${delayBeforeMs} ms.`);
      }
    }
  }
  return KEPT;
}
