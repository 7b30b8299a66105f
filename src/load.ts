/** When new calls begin, and whose they are: the same in every lane, whatever the policy does. */
import { type Arrivals, arrivalsOf } from "./arrivals.ts";
import { EventQueue } from "./events/event-queue.ts";
import { TimingWheel, type WheelOptions } from "./events/timing-wheel.ts";
import { KeyedRandom } from "./random.ts";
import type { LoadSpec, Scenario } from "./scenario.ts";
import { roundUpToTick } from "./ticks.ts";
import { callNumber, numberInTraffic, trafficsOf } from "./traffic.ts";

type LoadOf<Kind extends LoadSpec["kind"]> = Extract<LoadSpec, { kind: Kind }>;
/** Whose clients each have a moment of their own. */
type OwnTimes = LoadOf<"closed" | "herd" | "poll">;

export interface LoadOptions extends WheelOptions {
  /** Whose calls: the scenario's own by default; else a place in `trafficsOf`. */
  readonly traffic?: number;
}

/** The calls of one run, in order of (time, client); each client's are numbered: see `callNumber`. */
export class Load {
  readonly #scenario: Scenario;
  readonly #queue: EventQueue | TimingWheel;
  readonly #random: KeyedRandom;
  readonly #callsOf: Int32Array;
  readonly #endUs: number;
  readonly #traffic: number;
  readonly #spec: LoadSpec;
  /** Its next is not yet queued when it is later than the queue's head. */
  readonly #arrivals: Arrivals | undefined;
  /** Of no meaning; else the reading would be dropped. */
  readonly #touched = new Float64Array(1);

  /** `options.touch` is told which clients will call soon, if the load knows. */
  constructor(scenario: Scenario, seed: number, { traffic = 0, ...options }: LoadOptions = {}) {
    const { clients } = scenario;
    const { load } = trafficsOf(scenario)[traffic];
    this.#scenario = scenario;
    this.#traffic = traffic;
    this.#spec = load;
    this.#random = new KeyedRandom(seedOf(seed, traffic), "arrivals");
    this.#callsOf = new Int32Array(clients.count);
    this.#endUs = scenario.runMs * 1000;
    if (load.kind === "closed" || load.kind === "herd" || load.kind === "poll") {
      const touch = (ids: Int32Array, from: number, to: number) => {
        this.#touch(ids, from, to);
        options.touch?.(ids, from, to);
      };
      this.#queue = new TimingWheel(byNumber, { ...options, room: clients.count, touch });
      for (let client = 0; client < clients.count; client++) this.#first(load, client);
    } else {
      this.#queue = new EventQueue(byNumber, options);
      this.#arrivals = arrivalsOf(load, scenario, this.#random);
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

  /** The number of the client's newest call. */
  newestOf(client: number): number {
    return callNumber(this.#traffic, this.#callsOf[client]);
  }

  /** That call is over: its client may now think, or wait for the next poll, then call again. */
  callEnded(atUs: number, client: number, call: number, startedUs: number): void {
    const spec = this.#spec;
    if (spec.kind === "closed") this.#think(spec, atUs, client, numberInTraffic(call));
    else if (spec.kind === "poll") {
      this.#push(Math.max(startedUs + spec.everyMs * 1000, atUs), client);
    }
  }

  /** Reads what their calls will need, all at once: cache misses then overlap. */
  #touch(ids: Int32Array, from: number, to: number): void {
    let sum = 0;
    for (let at = from + 1; at < to; at += 2) sum += this.#callsOf[ids[at]];
    this.#touched[0] = sum;
  }

  #first(load: OwnTimes, client: number): void {
    if (load.kind === "poll") this.#come(0, load.everyMs, client);
    else if (load.kind === "herd") this.#come(load.fromMs, load.overMs, client);
    else if (client < this.#scenario.clients.count - (load.joining?.clients ?? 0)) {
      this.#think(load, 0, client, 0);
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
  #think(load: LoadOf<"closed">, fromUs: number, client: number, callsBefore: number): void {
    const draw = this.#random.key(client, callsBefore, 0).next();
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

/** Each traffic has chance of its own, and the scenario's own that of the run. */
function seedOf(seed: number, traffic: number): number {
  if (traffic === 0) return seed;
  return Math.floor(new KeyedRandom(seed, "traffics").key(0, traffic, 0).next() * 2 ** 53);
}

/** What falls into one tick goes in order of client. */
const byNumber = (client: number, other: number) => client <= other;
