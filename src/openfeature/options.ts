/** What flags from OpenFeature are made of. */
import { RETRY_DELAY_MAX_FLAG } from "../../policies/backoff.ts";
import { RETRY_BUDGET_RATIO_FLAG } from "../../policies/budgeted.ts";
import { RETRIES_FLAG } from "../../policies/kill-switch.ts";
import { SESSION_RESET_FLAG, SESSION_RESET_INTERVAL_FLAG } from "../../policies/session-reset.ts";
import {
  type Check,
  type Checks,
  check,
  checkOptions,
  FUNCTION,
  OBJECT,
  objectWith,
} from "../check-options.ts";
import type { Clock } from "../clock.ts";
import type { Random } from "../policy.ts";
import { MS } from "../retry/options.ts";
import type { OpenFeatureClient } from "./client.ts";
import { KnownFlag } from "./known-flag.ts";

export interface OpenFeatureOptions {
  /**
   * The team's keys of flags that are on or off, by the names that policies know. Asked for with `true` as
   * the fallback. Default, unless `numbers` is given: the two of this package, under their own names.
   */
  readonly booleans?: Readonly<Record<string, string>>;
  /** As `booleans`, of flags that are numbers. Default, unless `booleans` is given: the three of this package. */
  readonly numbers?: Readonly<Record<string, string>>;
  /** How old an answer may be while the provider announces no change; drawn from the upper half. Default: 30000. */
  readonly refreshMs?: number;
  /** How long a refresh may keep the next one waiting. Default: 5000. */
  readonly timeoutMs?: number;
  /** That of the retry client. Default: the system's; it keeps no process alive. */
  readonly clock?: Clock;
  /** Default: `Math.random`. */
  readonly random?: Random;
}

const OWN_BOOLEANS = [RETRIES_FLAG, SESSION_RESET_FLAG];
const OWN_NUMBERS = [RETRY_BUDGET_RATIO_FLAG, RETRY_DELAY_MAX_FLAG, SESSION_RESET_INTERVAL_FLAG];

/** By the name that policies know. */
export function flagsOf({ booleans, numbers }: OpenFeatureOptions): ReadonlyMap<string, KnownFlag> {
  const isDefault = booleans === undefined && numbers === undefined;
  const ofType = (type: "boolean" | "number", keys: Readonly<Record<string, string>>) =>
    Object.entries(keys).map(([name, key]) => [name, new KnownFlag(type, key)] as const);
  return new Map([
    ...ofType("boolean", isDefault ? underOwnNames(OWN_BOOLEANS) : (booleans ?? {})),
    ...ofType("number", isDefault ? underOwnNames(OWN_NUMBERS) : (numbers ?? {})),
  ]);
}

function underOwnNames(names: readonly string[]): Record<string, string> {
  return Object.fromEntries(names.map((name) => [name, name]));
}

/** @throws {TypeError} naming the first thing that is wrong */
export function checkOpenFeature(client: OpenFeatureClient, options: OpenFeatureOptions): void {
  check("client", client ?? null, CLIENT);
  checkOptions("options", options, CHECKS);
}

const CLIENT = objectWith("getBooleanDetails", "getNumberDetails", "addHandler", "removeHandler");

const KEYS: Check = [
  "an object of keys, each a text",
  (value) => OBJECT[1](value) && Object.values(value ?? {}).every((key) => typeof key === "string"),
];

const CHECKS: Checks<OpenFeatureOptions> = {
  booleans: KEYS,
  numbers: KEYS,
  refreshMs: MS,
  timeoutMs: MS,
  clock: objectWith("nowMs", "timeout"),
  random: FUNCTION,
};
