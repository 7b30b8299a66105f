/** When new calls begin, and whose they are: the same in every lane, whatever the policy does. */
import { EventQueue } from "./events/event-queue.ts";
import { TimingWheel, type WheelOptions } from "./events/timing-wheel.ts";
import { OpenRates } from "./open-rates.ts";
import { KeyedRandom } from "./random.ts";
import type { LoadSpec, Scenario } from "./scenario.ts";
import { roundUpToTick } from "./ticks.ts";

type ClosedLoad = Extract<LoadSpec, { kind: "closed" }>;

/** The calls of one run, in order of (time, client); each client's are numbered from 1. */
export class Load {
  readonly #scenario: Scenario;
  readonly #queue: EventQueue | TimingWheel;
  readonly #random: KeyedRandom;
  readonly #callsOf: Int32Array;
  readonly #endUs: number;
  readonly #closed: ClosedLoad | undefined;
  readonly #rates: OpenRates | undefined;
  /** Poisson arrivals drawn so far, and the time of the last, not yet queued when it is later than the queue's head. */
  #arrivals = 0;
  #expected = 0;
  #arrivalUs = 0;

  /** `options.touch` is told which clients will call soon, if the load knows. */
  constructor(scenario: Scenario, seed: number, options: WheelOptions = {}) {
    const { load, clients } = scenario;
    this.#scenario = scenario;
    this.#random = new KeyedRandom(seed, "arrivals");
    this.#callsOf = new Int32Array(clients.count);
    this.#endUs = scenario.runMs * 1000;
    this.#closed = load.kind === "closed" ? load : undefined;
    if (load.kind === "open") {
      this.#queue = new EventQueue(byNumber, options);
      this.#rates = new OpenRates(load);
      this.#drawArrival();
      this.#fill();
    } else {
      this.#queue = new TimingWheel(byNumber, { ...options, room: clients.count });
      for (let client = 0; client < clients.count; client++) this.#first(load, client);
    }
  }

  /** Time of the next call; Infinity after the last. */
  nextAtUs(): number {
    return this.#queue.nextAtUs();
  }

  /** Begins the next call: returns its client; `callsOf` then is the call's number. */
  take(): number {
    const client = this.#queue.pop();
    this.#callsOf[client]++;
    if (this.#rates !== undefined) this.#fill();
    return client;
  }

  /** How many calls the client has begun: the number of its newest. */
  callsOf(client: number): number {
    return this.#callsOf[client];
  }

  /** A call is over: in closed load its client now thinks, then calls again. */
  callEnded(atUs: number, client: number): void {
    if (this.#closed !== undefined) this.#think(this.#closed, atUs, client);
  }

  #first(load: Exclude<LoadSpec, { kind: "open" }>, client: number): void {
    if (load.kind === "herd") this.#come(load.fromMs, load.overMs, client);
    else if (client < this.#scenario.clients.count - (load.joining?.clients ?? 0)) {
      this.#think(load, 0, client);
    } else if (load.joining !== undefined) {
      const { fromMs, untilMs } = load.joining;
      this.#come(fromMs, untilMs - fromMs, client);
    }
  }

  /** At a uniformly drawn moment of a window. */
  #come(fromMs: number, overMs: number, client: number): void {
    const draw = this.#random.key(client, 0, 0).next();
    this.#push((fromMs + draw * overMs) * 1000, client);
  }

  /** A fresh exponential think time is also the rest of a running one: the start is a random phase. */
  #think(load: ClosedLoad, fromUs: number, client: number): void {
    const draw = this.#random.key(client, this.#callsOf[client], 0).next();
    this.#push(fromUs - Math.log(1 - draw) * load.thinkMs * 1000, client);
  }

  #push(atUs: number, client: number): void {
    const tick = roundUpToTick(atUs, this.#scenario.tickUs);
    if (tick < this.#endUs) this.#queue.push(tick, client);
  }

  /** Keeps every arrival of the next tick in the queue, so that they leave in order of client. */
  #fill(): void {
    const { tickUs, clients } = this.#scenario;
    while (this.#arrivalUs < this.#endUs) {
      if (this.#arrivalUs > this.#queue.nextAtUs() + tickUs) return;
      const draw = this.#random.key(0, this.#arrivals, 1).next();
      this.#push(this.#arrivalUs, Math.floor(draw * clients.count));
      this.#drawArrival();
    }
  }

  #drawArrival(): void {
    this.#arrivals++;
    this.#expected -= Math.log(1 - this.#random.key(0, this.#arrivals, 0).next());
    this.#arrivalUs = this.#rates?.whenExpected(this.#expected) ?? Infinity;
  }
}

/** What falls into one tick goes in order of client. */
const byNumber = (client: number, other: number) => client <= other;
