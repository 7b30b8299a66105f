/** A policy as some of the clients run it: with a state of each, and with their flags. */
import type { Ask } from "../ask.ts";
import type { FlagPlan } from "../flags.ts";
import type { Decision, Outcome } from "../policy.ts";
import type { CallWindow } from "./call-window.ts";
import type { PolicyStates } from "./policy-states.ts";

export class Version {
  readonly ask: Ask;
  readonly states: PolicyStates;
  readonly flags: FlagPlan;

  constructor(ask: Ask, states: PolicyStates, flags: FlagPlan) {
    this.ask = ask;
    this.states = states;
    this.flags = flags;
  }

  start(call: CallWindow, nowMs: number, deadlineMs: number | undefined): Decision {
    return this.ask.start(call, this.states.of(call.client), nowMs, this.flags, deadlineMs);
  }

  failure(call: CallWindow, nowMs: number, outcome: Outcome): Decision {
    return this.ask.failure(call, this.states.of(call.client), nowMs, this.flags, outcome);
  }

  wake(call: CallWindow, nowMs: number): Decision {
    return this.ask.wake(call, this.states.of(call.client), nowMs, this.flags);
  }

  success(call: CallWindow, nowMs: number): void {
    this.ask.success(call, this.states.of(call.client), nowMs, this.flags);
  }
}
