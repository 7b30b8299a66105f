/** What a law is: a promise about any storm, that a run can be seen to break. */

import type { Policy } from "../policy.ts";
import type { RunEnd } from "../run.ts";
import type { Scenario } from "../scenario.ts";
import type { Trace } from "../trace.ts";

/** One storm: what happens, and the chance it happens with. */
export interface Storm {
  readonly scenario: Scenario;
  readonly seed: number;
}

/** A lane: the simulator or real fetch against MSW. */
export type Run = (options: {
  readonly scenario: Scenario;
  readonly policy: Policy;
  readonly seed: number;
  readonly trace: Trace;
}) => RunEnd | Promise<RunEnd>;

export type Verdict =
  | { readonly kept: true }
  /** The run was too short, or outside the law's domain: never passed. */
  | { readonly kept: "undecided"; readonly why: string }
  /** How it was broken, in words. */
  | { readonly kept: false; readonly how: string };

export interface Law {
  /** As numbered in the README. */
  readonly number: number;
  readonly name: string;
  /** What a policy that keeps it promises, in a sentence. */
  readonly promise: string;
  judge(policy: Policy, storm: Storm, run: Run): Promise<Verdict>;
}

export const KEPT: Verdict = Object.freeze({ kept: true });

export function broken(how: string): Verdict {
  return { kept: false, how };
}

export function undecided(why: string): Verdict {
  return { kept: "undecided", why };
}
