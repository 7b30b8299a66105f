/** What the calls of one client share: its policy's state above all. */
import { Ask } from "../ask.ts";
import { type Clock, systemClock } from "../clock.ts";
import type { NumericState, Outcome } from "../policy.ts";
import { systemRandom } from "../random.ts";
import { classifyError } from "./classify.ts";
import { FlagWatch } from "./flag-source.ts";
import type { RetryObserver } from "./observer.ts";
import type { RetryOptions, SessionReset } from "./options.ts";

export class Client {
  readonly id: number;
  readonly ask: Ask;
  readonly state: NumericState;
  readonly clock: Clock;
  readonly tickMs: number;
  readonly flags: FlagWatch;
  readonly classify: (error: unknown) => Outcome;
  readonly resetSession: SessionReset | undefined;
  readonly observer: RetryObserver | undefined;
  #calls = 0;

  constructor(options: RetryOptions) {
    const { policy, random = () => systemRandom, tickMs = 1 } = options;
    this.id = options.clientId ?? 0;
    this.ask = new Ask({ policy, random, tickMs });
    this.state = { ...policy.initial };
    this.clock = options.clock ?? systemClock;
    this.tickMs = tickMs;
    this.flags = new FlagWatch(options.flags);
    this.classify = options.classify ?? classifyError;
    this.resetSession = options.resetSession;
    this.observer = options.observer;
  }

  /** From 1. */
  nextCall(): number {
    return ++this.#calls;
  }
}
