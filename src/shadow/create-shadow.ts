import { Ask, NO_FLAGS } from "../ask.ts";
import { type Checks, check, checkOptions, FUNCTION } from "../check-options.ts";
import { type Clock, systemClock } from "../clock.ts";
import type { NumericState, Outcome, Policy } from "../policy.ts";
import { systemRandom } from "../random.ts";
import { classifyError } from "../retry/classify.ts";
import type { FlagSource } from "../retry/flag-source.ts";
import type { RetryObserver } from "../retry/observer.ts";
import { RETRY_CHECKS } from "../retry/options.ts";
import { ShadowCall, type ShadowDecision } from "./shadow-call.ts";
import { FigureCounts, type ShadowFigures } from "./shadow-figures.ts";

export interface ShadowOptions {
  /** The one that is tried. */
  readonly policy: Policy;
  /** Hears each wait and each stop that the policy would have decided; what it throws is thrown. */
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
  /** Around a loop of any kind: one call, which settles as the loop does. */
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
 * The policy keeps a budget of its own, as if its decisions had been followed. What it would have done
 * earlier, or later, than it was really done may have had another outcome: that is not known here. A hedge
 * is not imagined.
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
 * Around a loop that is not ours:
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
  const states = new Map<number, NumericState>();
  const calls = new Map<string, ShadowCall>();

  function begin(client: number, call: number): ShadowCall {
    const state = states.get(client) ?? { ...policy.initial };
    states.set(client, state);
    const parts = {
      ask,
      state,
      counts,
      nowMs: () => clock.nowMs(),
      flags: () => flags?.current() ?? NO_FLAGS,
      report: (decision: ShadowDecision) => options.onDecision?.(decision),
    };
    return new ShadowCall(parts, client, call);
  }

  return {
    get figures() {
      return counts.copy();
    },
    callStarted({ client, call }) {
      calls.set(`${client}/${call}`, begin(client, call));
    },
    attemptStarted({ client, call }) {
      calls.get(`${client}/${call}`)?.attemptStarted();
    },
    attemptEnded({ client, call, end }) {
      calls.get(`${client}/${call}`)?.attemptEnded(end);
    },
    callEnded({ client, call, why }) {
      const name = `${client}/${call}`;
      calls.get(name)?.ended(why === "answered", why === "abandoned");
      calls.delete(name);
    },
    around: (loop) => aroundLoop(begin(0, counts.calls + 1), classify, loop),
  };
}

async function aroundLoop<T>(
  call: ShadowCall,
  classify: (error: unknown) => Outcome,
  loop: (watch: Watch) => T | PromiseLike<T>,
): Promise<T> {
  let isAnswered = false;
  const watch: Watch = async (attempt) => {
    call.attemptStarted();
    try {
      const value = await attempt();
      isAnswered = true;
      call.attemptEnded({ kind: "answered" });
      return value;
    } catch (error) {
      call.attemptEnded(classify(error));
      throw error;
    }
  };
  try {
    return await loop(watch);
  } finally {
    call.ended(isAnswered, false);
  }
}

const { policy, flags, classify, clock } = RETRY_CHECKS;
const CHECKS: Checks<ShadowOptions> = {
  policy,
  onDecision: FUNCTION,
  flags,
  classify,
  clock,
};
