import { Ask, NO_FLAGS } from "../ask.ts";
import { type Checks, check, checkOptions, FUNCTION } from "../check-options.ts";
import { type Clock, systemClock } from "../clock.ts";
import type { NumericState, Outcome, Policy } from "../policy.ts";
import { systemRandom } from "../random.ts";
import { classifyError } from "../retry/classify.ts";
import type { FlagSource } from "../retry/flag-source.ts";
import { KeptInUse } from "../retry/kept-in-use.ts";
import type { CallEndReason, RetryObserver } from "../retry/observer.ts";
import { RETRY_CHECKS } from "../retry/options.ts";
import { type CallFacts, ShadowCall, type ShadowDecision } from "./shadow-call.ts";
import { FigureCounts, type ShadowFigures } from "./shadow-figures.ts";

export interface ShadowOptions {
  /** The one that is tried. */
  readonly policy: Policy;
  /** Hears each wait and each stop that the policy would have decided. */
  readonly onDecision?: (decision: ShadowDecision) => void;
  /** Default: every flag at the policy's fallback. */
  readonly flags?: FlagSource;
  /** What an error within `around` says about the server. Default: `classifyError`. */
  readonly classify?: (error: unknown) => Outcome;
  /** Default: `systemClock`. */
  readonly clock?: Clock;
}

/** Makes one attempt, and tells the shadow how it ended. It settles as the attempt does. */
export type Watch = <T>(attempt: () => T | PromiseLike<T>) => Promise<T>;

export interface Shadow extends RetryObserver {
  /** What was counted so far. */
  readonly figures: ShadowFigures;
  /**
   * Around a loop of any kind: one call, which settles as the loop does. It begins with the first attempt:
   * a loop that makes none, for the answer was cached, is no call. A deadline of the loop is not known here.
   */
  around<T>(loop: (watch: Watch) => T | PromiseLike<T>): Promise<T>;
}

/**
 * Decides and reports, and changes nothing: so a team can see in production what a policy would have done
 * before it does it. Each wait and each stop is told to `onDecision`, and `figures` sums them up.
 *
 * It is an observer. Beside the policy that is in force, give it to `createRetry` or `createFetch`; for
 * calls that are not retried today, that policy is `none`. Around a loop of another library, use `around`.
 * One shadow for one client, or for one loop.
 *
 * What throws in a shadow, be it the policy, changes no call: it is counted as `figures.broken`, and the
 * policy hears no more of that call. `figures.lastError` is what was thrown last.
 *
 * Of attempts that are in flight together the policy knows one: it was answered as the first that was, or
 * it failed with the last of them.
 *
 * The policy keeps a budget of its own, as if its decisions had been followed. What it would have done
 * earlier, or later, than it was really done may have had another outcome: that is not known here. A hedge
 * is not imagined. A state is kept for each of the 1,000 clients that were used last.
 *
 * @throws {TypeError} when an option is wrong
 * @example
 * ```ts
 * import { createRetry } from "stormproof";
 * import { none, vetted } from "stormproof/policies";
 * import { createShadow } from "stormproof/shadow";
 *
 * const shadow = createShadow({ policy: vetted() });
 * const call = createRetry({ policy: none(), observer: shadow }); // as before: no retries
 *
 * const busy = () => Promise.reject(Object.assign(new Error("busy"), { status: 503 }));
 * await call(busy).catch(() => {});
 * shadow.figures.attempts; // => 1
 * shadow.figures.attemptsOfPolicy; // => 2
 * ```
 *
 * Around a loop that is not ours. `fetch` resolves with a 503 too: write
 * `watch(async () => okOrThrow(await fetch(url)))`, with `okOrThrow` of "stormproof/fetch", or it is
 * counted as an answer.
 *
 * ```ts
 * import { vetted } from "stormproof/policies";
 * import { createShadow } from "stormproof/shadow";
 *
 * const shadow = createShadow({ policy: vetted() });
 * const busy = () => Promise.reject(Object.assign(new Error("busy"), { status: 503 }));
 *
 * const insisting = async (watch) => {
 *   for (let attempt = 1; attempt < 10; attempt++) await watch(busy).catch(() => {});
 * };
 * await shadow.around(insisting);
 * shadow.figures.attempts; // => 9
 * shadow.figures.stops; // => { attempts: 1 }
 * ```
 */
export function createShadow(options: ShadowOptions): Shadow {
  checkOptions("options", options, CHECKS);
  check("policy", options.policy ?? null, CHECKS.policy);
  const { policy, flags, classify = classifyError, clock = systemClock } = options;
  const ask = new Ask({ policy, random: () => systemRandom, tickMs: 1 });
  const counts = new FigureCounts();
  const states = new KeptInUse<number, NumericState>(() => ({ ...policy.initial }));
  const calls = new Map<string, ShadowCall>();

  function begin(facts: CallFacts): ShadowCall {
    const parts = {
      ask,
      state: states.begin(facts.client),
      counts,
      nowMs: () => clock.nowMs(),
      flags: () => flags?.current() ?? NO_FLAGS,
      report: (decision: ShadowDecision) => options.onDecision?.(decision),
    };
    return new ShadowCall(parts, facts);
  }

  function end(client: number, call: ShadowCall, why: CallEndReason): void {
    call.ended(why === "answered", why === "abandoned");
    states.end(client);
  }

  return {
    get figures() {
      return counts.copy();
    },
    callStarted({ client, call, deadlineMs }) {
      calls.set(`${client}/${call}`, begin({ client, call, deadlineMs }));
    },
    attemptStarted({ client, call, attempt }) {
      calls.get(`${client}/${call}`)?.attemptStarted(attempt);
    },
    attemptEnded({ client, call, attempt, end }) {
      calls.get(`${client}/${call}`)?.attemptEnded(attempt, () => end);
    },
    callEnded({ client, call, why }) {
      const name = `${client}/${call}`;
      const known = calls.get(name);
      if (known === undefined) return;
      calls.delete(name);
      end(client, known, why);
    },
    around(loop) {
      const beginHere = () => begin({ client: 0, call: counts.calls + 1 });
      const endHere = (call: ShadowCall, isAnswered: boolean) =>
        end(0, call, isAnswered ? "answered" : "attempts");
      return aroundLoop(loop, classify, beginHere, endHere);
    },
  };
}

async function aroundLoop<T>(
  loop: (watch: Watch) => T | PromiseLike<T>,
  classify: (error: unknown) => Outcome,
  begin: () => ShadowCall,
  end: (call: ShadowCall, isAnswered: boolean) => void,
): Promise<T> {
  let call: ShadowCall | undefined;
  let attempts = 0;
  let isAnswered = false;
  const watch: Watch = async (attempt) => {
    const number = ++attempts;
    call ??= begin();
    call.attemptStarted(number);
    try {
      const value = await attempt();
      isAnswered = true;
      call.attemptEnded(number, () => ANSWERED);
      return value;
    } catch (error) {
      call.attemptEnded(number, () => classify(error));
      throw error;
    }
  };
  try {
    return await loop(watch);
  } finally {
    if (call) end(call, isAnswered);
  }
}

const ANSWERED = Object.freeze({ kind: "answered" });

const { policy, flags, classify, clock } = RETRY_CHECKS;
const CHECKS: Checks<ShadowOptions> = {
  policy,
  onDecision: FUNCTION,
  flags,
  classify,
  clock,
};
