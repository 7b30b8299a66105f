/** A policy as some of the clients run it: with a state of each, and with their flags. */
import type { Ask } from "../ask.ts";
import type { FetchedFlags } from "../fetched-flags.ts";
import type { FlagPlan } from "../flags.ts";
import type { PolicyStates } from "./policy-states.ts";

export interface Version {
  readonly ask: Ask;
  readonly states: PolicyStates;
  readonly flags: FlagPlan | FetchedFlags;
}
