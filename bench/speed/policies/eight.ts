/** Eight policies with state in one run: a cohort of the clients for each. */
import {
  budgeted,
  decorrelatedJitter,
  equalJitter,
  exponential,
  fixed,
  fullJitter,
  immediate,
  retryAfter,
  vetted,
} from "../../../policies/index.ts";
import type { Policy } from "../../../src/policy.ts";
import type { Scenario } from "../../../src/scenario.ts";

const EIGHT: readonly Policy[] = [
  ...[immediate, fixed, exponential, equalJitter, fullJitter, decorrelatedJitter].map((make) =>
    budgeted(make()),
  ),
  retryAfter(budgeted(fullJitter())),
  vetted(),
];

export function withEightCohorts(scenario: Scenario): Scenario {
  const share = 1 / EIGHT.length;
  const cohorts = EIGHT.map(({ name }) => ({ name, share, policy: name, flags: [] }));
  return { ...scenario, cohorts };
}

/** @throws {Error} when the name is none of the eight */
export function oneOfEight(name: string): Policy {
  const found = EIGHT.find((policy) => policy.name === name);
  if (found === undefined)
    throw new Error(`Expected the name of one of eight policies, got "${name}".`);
  return found;
}
