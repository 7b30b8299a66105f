/** What the calls of one client share: its policy's state above all. */
import { budgeted } from "../../policies/budgeted.ts";
import { fullJitter } from "../../policies/full-jitter.ts";
import { killSwitch } from "../../policies/kill-switch.ts";
import { retryAfter } from "../../policies/retry-after.ts";
import { Ask } from "../ask.ts";
import { type Clock, systemClock, unrefClock } from "../clock.ts";
import type { NumericState, Outcome, Policy } from "../policy.ts";
import { systemRandom } from "../random.ts";
import { classifyError } from "./classify.ts";
import { FlagWatch } from "./flag-source.ts";
import { observersOf } from "./hooks.ts";
import type { RetryObserver } from "./observer.ts";
import type { RetryOptions } from "./options.ts";

export class Client {
  readonly options: RetryOptions;
  readonly id: number;
  readonly ask: Ask;
  readonly state: NumericState;
  readonly clock: Clock;
  readonly tickMs: number;
  readonly flags: FlagWatch;
  readonly classify: (error: unknown) => Outcome;
  readonly observers: readonly RetryObserver[];
  #calls = 0;

  constructor(options: RetryOptions) {
    const { policy = unlimited(), tickMs = 1, unref } = options;
    if (policy.hedges && !options.hedging) {
      throw new TypeError(
        `Expected \`hedging\` of "stormproof/hedging" for policy ${policy.name}, got none.`,
      );
    }
    this.options = options;
    this.id = options.clientId ?? 0;
    this.ask = new Ask({ policy, random: options.random ?? (() => systemRandom), tickMs });
    this.state = { ...policy.initial };
    this.clock = options.clock ?? (unref ? unrefClock : systemClock);
    this.tickMs = tickMs;
    this.flags = new FlagWatch(options.flags);
    this.classify = options.classify ?? classifyError;
    this.observers = observersOf(options);
  }

  /** From 1. */
  nextCall(): number {
    return ++this.#calls;
  }
}

/** `vetted` without its deadline. */
function unlimited(): Policy {
  return killSwitch(retryAfter(budgeted(fullJitter())));
}
