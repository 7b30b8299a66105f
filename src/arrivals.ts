/** Calls that begin whatever happened to the last: when, and whose they are. */
import { OpenRates } from "./open-rates.ts";
import type { KeyedRandom } from "./random.ts";
import type { LoadSpec, Scenario } from "./scenario.ts";

/** One arrival after the other, in order of time. */
export interface Arrivals {
  /** When the next call begins; Infinity after the last. */
  readonly atUs: number;
  /** Whose it is. */
  readonly client: number;
  /** Goes on to the one after. */
  next(): void;
}

type OpenLoad = Extract<LoadSpec, { kind: "open" }>;
type RecordedLoad = Extract<LoadSpec, { kind: "recorded" }>;

/** The same for the same chance. */
export function arrivalsOf(
  load: OpenLoad | RecordedLoad,
  { clients, runMs }: Pick<Scenario, "clients" | "runMs">,
  random: KeyedRandom,
): Arrivals {
  return load.kind === "open"
    ? new PoissonArrivals(new OpenRates(load, runMs), clients.count, random)
    : new RecordedArrivals(load, clients.count, random);
}

class PoissonArrivals implements Arrivals {
  atUs = 0;
  readonly #rates: OpenRates;
  readonly #clients: number;
  readonly #random: KeyedRandom;
  #number = 0;
  #expected = 0;

  constructor(rates: OpenRates, clients: number, random: KeyedRandom) {
    this.#rates = rates;
    this.#clients = clients;
    this.#random = random;
    this.next();
  }

  get client(): number {
    return anyClient(this.#random, this.#number, this.#clients);
  }

  next(): void {
    this.#number++;
    this.#expected -= Math.log(1 - this.#random.key(0, this.#number, 0).next());
    this.atUs = this.#rates.whenExpected(this.#expected);
  }
}

class RecordedArrivals implements Arrivals {
  atUs = 0;
  readonly #load: RecordedLoad;
  readonly #clients: number;
  readonly #random: KeyedRandom;
  #number = 0;

  constructor(load: RecordedLoad, clients: number, random: KeyedRandom) {
    this.#load = load;
    this.#clients = clients;
    this.#random = random;
    this.next();
  }

  get client(): number {
    const recorded = this.#load.clients?.[this.#number - 1];
    return recorded ?? anyClient(this.#random, this.#number, this.#clients);
  }

  next(): void {
    const { atMs } = this.#load;
    this.atUs = this.#number < atMs.length ? atMs[this.#number] * 1000 : Infinity;
    this.#number++;
  }
}

/** Drawn by the arrival's number, so that whose a call is depends on nothing else. */
function anyClient(random: KeyedRandom, arrival: number, clients: number): number {
  return Math.floor(random.key(0, arrival, 1).next() * clients);
}
