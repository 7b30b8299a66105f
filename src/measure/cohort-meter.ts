/** The figures of each cohort: how those fare, and what load those make, who have one policy among others. */
import { Cohorts } from "../cohorts.ts";
import type { Scenario } from "../scenario.ts";
import { type CallEnd, SilentTrace } from "../trace.ts";
import { type Tally, tally } from "./tally.ts";

export interface CohortFigures {
  /** Undefined: the clients that no cohort takes. */
  readonly name: string | undefined;
  /** After the warm-up. */
  readonly total: Tally;
}

export class CohortMeter extends SilentTrace {
  readonly #cohorts: Cohorts;
  readonly #names: readonly string[];
  readonly #tallies: readonly Tally[];
  readonly #warmUpUs: number;
  readonly #patienceUs: number;

  /** @param seed of the run: it says who belongs to which cohort */
  constructor({ cohorts, warmUpMs, patienceMs }: Scenario, seed: number) {
    super();
    this.#cohorts = new Cohorts(cohorts, seed);
    this.#names = cohorts.map(({ name }) => name);
    this.#tallies = [...cohorts, "rest"].map(tally);
    this.#warmUpUs = warmUpMs * 1000;
    this.#patienceUs = patienceMs * 1000;
  }

  override callStarted(atUs: number, client: number): void {
    if (atUs >= this.#warmUpUs) this.#of(client).calls++;
  }

  override requestSent(
    atUs: number,
    client: number,
    _call: number,
    _attempt: number,
    part: number,
  ): void {
    if (atUs < this.#warmUpUs) return;
    const own = this.#of(client);
    own.requests++;
    if (part === 0) own.attempts++;
  }

  override callEnded(
    atUs: number,
    client: number,
    _call: number,
    _attempts: number,
    startedUs: number,
    end: CallEnd,
  ): void {
    if (startedUs < this.#warmUpUs || atUs - startedUs > this.#patienceUs) return;
    if (end === "answered") this.#of(client).answered++;
    if (end === "dropped") this.#of(client).dropped++;
  }

  /** In the order of the scenario, then the rest if it called; none when the scenario has no cohorts. */
  figures(): CohortFigures[] {
    if (this.#names.length === 0) return [];
    return this.#tallies
      .map((total, index) => ({ name: this.#names[index], total }))
      .filter(({ name, total }) => name !== undefined || total.calls > 0);
  }

  #of(client: number): Tally {
    return this.#tallies[this.#cohorts.of(client)];
  }
}

/** The figures of several runs of one scenario together. */
export function pooledCohorts(runs: readonly (readonly CohortFigures[])[]): CohortFigures[] {
  const pooled = new Map<string | undefined, Tally>();
  for (const { name, total } of runs.flat()) {
    const sum = pooled.get(name) ?? tally();
    pooled.set(name, sum);
    sum.calls += total.calls;
    sum.answered += total.answered;
    sum.dropped += total.dropped;
    sum.attempts += total.attempts;
    sum.requests += total.requests;
  }
  return [...pooled].map(([name, total]) => ({ name, total }));
}
