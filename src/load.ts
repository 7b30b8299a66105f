/** When new calls begin, and whose they are: the same in every lane, whatever the policy does. */
import { type Arrivals, arrivalsOf } from "./arrivals.ts";
import { EventQueue } from "./events/event-queue.ts";
import { TimingWheel, type WheelOptions } from "./events/timing-wheel.ts";
import { KeyedRandom } from "./random.ts";
import type { LoadSpec, Scenario } from "./scenario.ts";
import { roundUpToTick } from "./ticks.ts";

type ClosedLoad = Extract<LoadSpec, { kind: "closed" }>;
type HerdLoad = Extract<LoadSpec, { kind: "herd" }>;

/** The calls of one run, in order of (time, client); each client's are numbered from 1. */
export class Load {
  readonly #scenario: Scenario;
  readonly #queue: EventQueue | TimingWheel;
  readonly #random: KeyedRandom;
  readonly #callsOf: Int32Array;
  readonly #endUs: number;
  readonly #closed: ClosedLoad | undefined;
  /** Its next is not yet queued when it is later than the queue's head. */
  readonly #arrivals: Arrivals | undefined;
  /** Of no meaning; else the reading would be dropped. */
  readonly #touched = new Float64Array(1);

  /** `options.touch` is told which clients will call soon, if the load knows. */
  constructor(scenario: Scenario, seed: number, options: WheelOptions = {}) {
    const { load, clients } = scenario;
    this.#scenario = scenario;
    this.#random = new KeyedRandom(seed, "arrivals");
    this.#callsOf = new Int32Array(clients.count);
    this.#endUs = scenario.runMs * 1000;
    this.#closed = load.kind === "closed" ? load : undefined;
    if (load.kind === "closed" || load.kind === "herd") {
      const touch = (ids: Int32Array, from: number, to: number) => {
        this.#touch(ids, from, to);
        options.touch?.(ids, from, to);
      };
      this.#queue = new TimingWheel(byNumber, { ...options, room: clients.count, touch });
      for (let client = 0; client < clients.count; client++) this.#first(load, client);
    } else {
      this.#queue = new EventQueue(byNumber, options);
      this.#arrivals = arrivalsOf(load, clients.count, this.#random);
      this.#fill(this.#arrivals);
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
    if (this.#arrivals !== undefined) this.#fill(this.#arrivals);
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

  /** Reads what their calls will need, all at once: cache misses then overlap. */
  #touch(ids: Int32Array, from: number, to: number): void {
    let sum = 0;
    for (let at = from + 1; at < to; at += 2) sum += this.#callsOf[ids[at]];
    this.#touched[0] = sum;
  }

  #first(load: ClosedLoad | HerdLoad, client: number): void {
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
  #fill(arrivals: Arrivals): void {
    while (arrivals.atUs < this.#endUs) {
      if (arrivals.atUs > this.#queue.nextAtUs() + this.#scenario.tickUs) return;
      this.#push(arrivals.atUs, arrivals.client);
      arrivals.next();
    }
  }
}

/** What falls into one tick goes in order of client. */
const byNumber = (client: number, other: number) => client <= other;
