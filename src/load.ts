/** When new calls begin, and whose they are: the same in every lane, whatever the policy does. */
import { EventQueue } from "./event-queue.ts";
import { KeyedRandom } from "./random.ts";
import type { LoadSpec, Scenario } from "./scenario.ts";
import { roundUpToTick } from "./ticks.ts";

type OpenLoad = Extract<LoadSpec, { kind: "open" }>;

/** The calls of one run, in order of (time, client); each client's are numbered from 1. */
export class Load {
  readonly #scenario: Scenario;
  readonly #queue = new EventQueue();
  readonly #random: KeyedRandom;
  readonly #callsOf: Int32Array;
  readonly #endUs: number;
  readonly #rates: OpenRates | undefined;
  /** Poisson arrivals drawn so far, and the time of the last, not yet queued when it is later than the queue's head. */
  #arrivals = 0;
  #expected = 0;
  #arrivalUs = 0;

  constructor(scenario: Scenario, seed: number) {
    this.#scenario = scenario;
    this.#random = new KeyedRandom(seed, "arrivals");
    this.#callsOf = new Int32Array(scenario.clients.count);
    this.#endUs = scenario.runMs * 1000;
    this.#rates = scenario.load.kind === "open" ? new OpenRates(scenario.load) : undefined;
    if (this.#rates) this.#drawArrival();
    else for (let client = 0; client < scenario.clients.count; client++) this.#first(client);
    this.#fill();
  }

  /** Time of the next call; Infinity after the last. */
  nextAtUs(): number {
    return this.#queue.nextAtUs();
  }

  /** Begins the next call: returns its client; `callsOf` then is the call's number. */
  take(): number {
    this.#queue.pop();
    const { client } = this.#queue;
    this.#callsOf[client]++;
    this.#fill();
    return client;
  }

  /** How many calls the client has begun: the number of its newest. */
  callsOf(client: number): number {
    return this.#callsOf[client];
  }

  /** A call is over: in closed load its client now thinks, then calls again. */
  callEnded(atUs: number, client: number): void {
    if (this.#scenario.load.kind === "closed") this.#think(atUs, client);
  }

  #first(client: number): void {
    const { load } = this.#scenario;
    if (load.kind === "closed") this.#think(0, client);
    else if (load.kind === "herd") {
      const draw = this.#random.key(client, 0, 0).next();
      this.#push((load.fromMs + draw * load.overMs) * 1000, client);
    }
  }

  /** A fresh exponential think time is also the rest of a running one: the start is a random phase. */
  #think(fromUs: number, client: number): void {
    if (this.#scenario.load.kind !== "closed") return;
    const draw = this.#random.key(client, this.#callsOf[client], 0).next();
    this.#push(fromUs - Math.log(1 - draw) * this.#scenario.load.thinkMs * 1000, client);
  }

  #push(atUs: number, client: number): void {
    const tickUs = this.#scenario.tickUs;
    const tick = roundUpToTick(atUs, tickUs);
    if (tick < this.#endUs) this.#queue.push(tick, client, 0, 0, 0);
  }

  /** Keeps every arrival of the next tick in the queue, so that they leave in order of client. */
  #fill(): void {
    const { tickUs } = this.#scenario;
    while (this.#arrivalUs < this.#endUs && this.#rates) {
      if (this.#arrivalUs > this.#queue.nextAtUs() + tickUs) return;
      const client = this.#random.key(0, this.#arrivals, 1).next() * this.#scenario.clients.count;
      this.#push(this.#arrivalUs, Math.floor(client));
      this.#drawArrival();
    }
  }

  #drawArrival(): void {
    this.#arrivals++;
    this.#expected -= Math.log(1 - this.#random.key(0, this.#arrivals, 0).next());
    this.#arrivalUs = this.#rates?.whenExpected(this.#expected) ?? Infinity;
  }
}

/** Inverts the cumulative rate: a Poisson process of rate 1, stretched, is one of any rate. */
class OpenRates {
  readonly #steps: readonly { fromUs: number; perUs: number; slope: number; expected: number }[];
  #step = 0;

  constructor({ arrivals }: OpenLoad) {
    let expected = 0;
    this.#steps = arrivals.map((step, index) => {
      const lastsUs = (arrivals[index + 1]?.fromMs ?? Infinity) * 1000 - step.fromMs * 1000;
      const perUs = step.perSecond / 1e6;
      const endPerUs = (step.rampToPerSecond ?? step.perSecond) / 1e6;
      const slope = Number.isFinite(lastsUs) ? (endPerUs - perUs) / lastsUs : 0;
      const from = { fromUs: step.fromMs * 1000, perUs, slope, expected };
      if (Number.isFinite(lastsUs)) expected += ((perUs + endPerUs) / 2) * lastsUs;
      return from;
    });
  }

  /** When so many arrivals are expected to have come; must be asked with growing numbers. */
  whenExpected(expected: number): number {
    while (expected > (this.#steps[this.#step + 1]?.expected ?? Infinity)) this.#step++;
    const { fromUs, perUs, slope, expected: before } = this.#steps[this.#step];
    const missing = expected - before;
    if (slope === 0) return perUs === 0 ? Infinity : fromUs + missing / perUs;
    return fromUs + (Math.sqrt(Math.max(0, perUs * perUs + 2 * slope * missing)) - perUs) / slope;
  }
}
