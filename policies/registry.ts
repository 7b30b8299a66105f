/**
 * All policies by name, for those who choose one at run time. Apart from the rest, so that an app ships
 * the policies that it imports and no others.
 */
import type { Policy } from "../src/policy.ts";
import { adaptiveThrottling } from "./adaptive-throttling.ts";
import { budgeted } from "./budgeted.ts";
import { circuitBreaker } from "./circuit-breaker.ts";
import { deadline } from "./deadline.ts";
import { decorrelatedJitter } from "./decorrelated-jitter.ts";
import { equalJitter } from "./equal-jitter.ts";
import { exponential } from "./exponential.ts";
import { fixed } from "./fixed.ts";
import { fullJitter } from "./full-jitter.ts";
import { hedged } from "./hedged.ts";
import { immediate } from "./immediate.ts";
import { none } from "./none.ts";
import { retryAfter } from "./retry-after.ts";
import { sessionReset } from "./session-reset.ts";
import { vetted } from "./vetted.ts";

/** One set of numbers for every policy, so that a comparison compares shapes. */
export interface MakeOptions {
  /** The first included; an integer ≥ 1 or Infinity. */
  readonly attemptsMax: number;
  readonly delayBaseMs: number;
  readonly delayMaxMs: number;
  readonly budgetRatio: number;
  readonly budgetTokensMax: number;
  /** What a new client starts with; by default as `budgeted` has it. */
  readonly budgetTokensInitial?: number | undefined;
  /** From the beginning of a call; Infinity is none. */
  readonly deadlineMs: number;
}

export interface PolicyEntry {
  /** One sentence. */
  readonly about: string;
  /** The made policy's name is its name in the registry. */
  make(options: MakeOptions): Policy;
}

const entries = {
  none: entry("Never retries.", none),
  // Few attempts would flatter it, and tries without limit and without a wait never end.
  immediate: entry("Retries at once, with ten attempts in every scenario.", () =>
    immediate({ attemptsMax: 10 }),
  ),
  fixed: entry("Waits the same time before every retry.", ({ delayBaseMs, attemptsMax }) =>
    fixed({ delayMs: delayBaseMs, attemptsMax }),
  ),
  exponential: entry("Doubles its wait up to a cap.", (options) => exponential(waits(options))),
  "equal-jitter": entry("Draws the upper half of the exponential wait.", (options) =>
    equalJitter(waits(options)),
  ),
  "full-jitter": entry("Draws the whole exponential wait.", jittered),
  "decorrelated-jitter": entry("Draws each wait from the one before.", (options) =>
    decorrelatedJitter(waits(options)),
  ),
  "retry-after": entry("Full jitter above the server's Retry-After.", (options) =>
    retryAfter(jittered(options)),
  ),
  deadline: entry("Full jitter until the call's deadline.", (options) =>
    deadline(jittered(options), { limitMs: options.deadlineMs }),
  ),
  budgeted: entry("Full jitter within a retry budget that successes fill.", (options) =>
    budgeted(jittered(options), budget(options)),
  ),
  "circuit-breaker": entry("Full jitter that sends nothing while most attempts fail.", (options) =>
    circuitBreaker(jittered(options)),
  ),
  "adaptive-throttling": entry(
    "Full jitter that refuses its own calls when the server accepts few.",
    (options) => adaptiveThrottling(jittered(options)),
  ),
  hedged: entry(
    "Full jitter within a budget, and a second attempt beside the slowest twentieth.",
    (options) => budgeted(hedged(jittered(options)), budget(options)),
  ),
  "session-reset": entry("Full jitter that resets the session after a rejection.", (options) =>
    sessionReset(jittered(options)),
  ),
  vetted: entry("Full jitter, retry budget, deadline and Retry-After together.", allTogether),
  "vetted-session-reset": entry("Vetted, and resets the session after a rejection.", (options) =>
    sessionReset(allTogether(options)),
  ),
} satisfies Record<string, PolicyEntry>;

export type PolicyName = keyof typeof entries;

/** Every policy by its name, each made of the same numbers. */
export const registry: Readonly<Record<PolicyName, PolicyEntry>> = named(entries);

function named<Name extends string>(all: Record<Name, PolicyEntry>): Record<Name, PolicyEntry> {
  const result = { ...all };
  for (const name in all) {
    const { about, make } = all[name];
    result[name] = { about, make: (options) => ({ ...make(options), name }) };
  }
  return result;
}

function entry(about: string, make: (options: MakeOptions) => Policy): PolicyEntry {
  return { about, make };
}

function waits({ attemptsMax, delayBaseMs, delayMaxMs }: MakeOptions) {
  return { attemptsMax, delayBaseMs, delayMaxMs };
}

function budget({ budgetRatio, budgetTokensMax, budgetTokensInitial }: MakeOptions) {
  return { ratio: budgetRatio, tokensMax: budgetTokensMax, tokensInitial: budgetTokensInitial };
}

function jittered(options: MakeOptions): Policy {
  return fullJitter(waits(options));
}

function allTogether(options: MakeOptions): Policy {
  return vetted({ ...waits(options), ...budget(options), limitMs: options.deadlineMs });
}
