/** A client as one call in test mode sees it: with a clock of its own, and all else shared. */
import type { NumericState } from "../policy.ts";
import { Client } from "../retry/client.ts";
import type { FlagWatch } from "../retry/flag-source.ts";
import { observersOf } from "../retry/hooks.ts";
import type { RetryOptions } from "../retry/options.ts";
import type { CallClock } from "./call-clock.ts";

export interface TriedOptions extends RetryOptions {
  readonly clock: CallClock;
}

export class TriedCall extends Client {
  override readonly state: NumericState;
  override readonly flags: FlagWatch;
  readonly #call: number;

  constructor({ clock, ...options }: TriedOptions, shared: Client, call: number) {
    const inTime = { waitStarted: () => clock.waitFollows() };
    super({
      ...options,
      clock,
      observer: [inTime, ...observersOf({ observer: options.observer })],
    });
    this.state = shared.state;
    this.flags = shared.flags;
    this.#call = call;
  }

  override nextCall(): number {
    return this.#call;
  }
}
