/**
 * Which clients belong together. Each is drawn by itself, not taken from one end of the row: those who
 * join a closed load late are the last, and a cohort should have its share among them too.
 */
import { KeyedRandom } from "./random.ts";
import type { CohortSpec } from "./scenario.ts";

export class Cohorts {
  readonly #cohorts: readonly CohortSpec[];
  readonly #upTo: readonly number[];
  readonly #random: KeyedRandom;

  constructor(cohorts: readonly CohortSpec[], seed: number) {
    this.#cohorts = cohorts;
    let upTo = 0;
    this.#upTo = cohorts.map(({ share }) => (upTo += share));
    this.#random = new KeyedRandom(seed, "clients");
  }

  /** The client's place in the scenario's list; the length of the list for one of the rest. */
  of(client: number): number {
    const draw = this.#random.key(client, 0, 0, COHORT).next();
    let cohort = 0;
    while (cohort < this.#upTo.length && draw >= this.#upTo[cohort]) cohort++;
    return cohort;
  }

  /** Whether a client of that cohort has the new version by then. */
  hasNewVersion(cohort: number, client: number, atUs: number): boolean {
    const rollout = this.#cohorts[cohort]?.rollout;
    if (rollout === undefined) return false;
    const { fromMs, untilMs } = rollout;
    const share = (atUs / 1000 - fromMs) / (untilMs - fromMs);
    return share >= this.#random.key(client, 0, 0, ROLLOUT).next();
  }
}

// What a draw is for.
const COHORT = 0;
const ROLLOUT = 1;
