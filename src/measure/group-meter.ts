/** The figures of each of several groups of calls: how those fare, and what load those make. */
import type { Scenario } from "../scenario.ts";
import { type CallEnd, SilentTrace } from "../trace.ts";
import { addTo, countFlagRequest, countRequest, type Tally, tally } from "./tally.ts";

export interface GroupFigures {
  /** Undefined: the calls that the scenario puts into no group. */
  readonly name: string | undefined;
  /** After the warm-up. */
  readonly total: Tally;
}

export class GroupMeter extends SilentTrace {
  readonly #names: readonly (string | undefined)[];
  readonly #tallies: readonly Tally[];
  readonly #placeOf: (client: number, call: number) => number;
  readonly #warmUpUs: number;
  readonly #patienceUs: number;

  /** @param placeOf says to which of the names a call belongs */
  constructor(
    { warmUpMs, patienceMs }: Pick<Scenario, "warmUpMs" | "patienceMs">,
    names: readonly (string | undefined)[],
    placeOf: (client: number, call: number) => number,
  ) {
    super();
    this.#names = names;
    this.#tallies = names.map(tally);
    this.#placeOf = placeOf;
    this.#warmUpUs = warmUpMs * 1000;
    this.#patienceUs = patienceMs * 1000;
  }

  override callStarted(atUs: number, client: number, call: number): void {
    if (atUs >= this.#warmUpUs) this.#of(client, call).calls++;
  }

  override requestSent(
    atUs: number,
    client: number,
    call: number,
    _attempt: number,
    part: number,
  ): void {
    if (atUs >= this.#warmUpUs) countRequest(this.#of(client, call), part);
  }

  override flagsRequested(atUs: number, client: number, call: number): void {
    if (atUs >= this.#warmUpUs) countFlagRequest(this.#of(client, call));
  }

  override callEnded(
    atUs: number,
    client: number,
    call: number,
    _attempts: number,
    startedUs: number,
    end: CallEnd,
  ): void {
    if (startedUs < this.#warmUpUs || atUs - startedUs > this.#patienceUs) return;
    if (end === "answered") this.#of(client, call).answered++;
    if (end === "dropped") this.#of(client, call).dropped++;
  }

  /** In the order of the names; those without a name only if they called. */
  figures(): GroupFigures[] {
    return this.#tallies
      .map((total, index) => ({ name: this.#names[index], total }))
      .filter(({ name, total }) => name !== undefined || total.calls > 0);
  }

  #of(client: number, call: number): Tally {
    return this.#tallies[this.#placeOf(client, call)];
  }
}

/** The figures of several runs of one scenario together. */
export function pooledGroups(runs: readonly (readonly GroupFigures[])[]): GroupFigures[] {
  const pooled = new Map<string | undefined, Tally>();
  for (const { name, total } of runs.flat()) {
    const sum = pooled.get(name) ?? tally();
    pooled.set(name, sum);
    addTo(sum, total);
  }
  return [...pooled].map(([name, total]) => ({ name, total }));
}
