/**
 * The overloaded server, sans-IO: it is told what arrives and that time has come, and says what is
 * answered. Late work is done like any other: the server does not know that a caller has left.
 */
import { TimingWheel } from "../events/timing-wheel.ts";
import { outcomeOfStatus } from "../outcome.ts";
import { KeyedRandom } from "../random.ts";
import type { Scenario } from "../scenario.ts";
import { roundUpToTick } from "../ticks.ts";
import type { RequestEnd } from "../trace.ts";
import { Ledger } from "./ledger.ts";
import { Plan } from "./plan.ts";
import type { Requests } from "./requests.ts";
import { type ServiceTime, serviceTime } from "./service-time.ts";
import { WaitingLine } from "./waiting-line.ts";

export interface ServerOutput {
  /** An answer, or the news of a broken connection, leaves the server. */
  answer(atUs: number, slot: number, end: RequestEnd): void;
  /** A piece of work is done; `late` if its caller had left before. */
  served(atUs: number, serviceUs: number, late: boolean): void;
}

export const ANSWERED: RequestEnd = Object.freeze({ kind: "answered" });
const CONNECTION_LOST: RequestEnd = Object.freeze({ kind: "connection" });

/** In the place of a service time: the worker is busy saying no. */
const REJECTING = -1;

export class Server {
  readonly #ledger = new Ledger();
  readonly #tickUs: number;
  readonly #requests: Requests;
  readonly #output: ServerOutput;
  readonly #plan: Plan;
  readonly #serviceTime: ServiceTime;
  readonly #service: KeyedRandom;
  readonly #faults: KeyedRandom;
  readonly #rejection: RequestEnd;
  readonly #rejectionUs: number;
  readonly #places: number;
  readonly #queue: WaitingLine;
  /** Rejections that cost a worker's time, and wait for one: they go before all work. */
  readonly #rejecting = new WaitingLine("fifo");
  /** Work and rejections in progress. */
  #finishes: TimingWheel;

  constructor(
    scenario: Pick<Scenario, "server" | "faults" | "tickUs">,
    seed: number,
    requests: Requests,
    output: ServerOutput,
  ) {
    const { server, faults, tickUs } = scenario;
    this.#tickUs = tickUs;
    this.#requests = requests;
    this.#finishes = new TimingWheel(requests.precedes);
    this.#output = output;
    this.#plan = new Plan(server.workers, faults, tickUs);
    this.#serviceTime = serviceTime(server.service);
    this.#service = new KeyedRandom(seed, "service");
    this.#faults = new KeyedRandom(seed, "faults");
    this.#rejection = outcomeOfStatus(server.rejection.status, server.rejection.retryAfterMs);
    this.#rejectionUs = server.rejection.costMs * 1000;
    this.#places = server.queue.places;
    this.#queue = new WaitingLine(server.queue.order);
  }

  /** When something happens next by itself; Infinity when nothing will. */
  nextAtUs(): number {
    return Math.min(this.#plan.nextAtUs(), this.#finishes.nextAtUs());
  }

  /** Lets happen what is due: changes of the plan first, then finishes. */
  advance(toUs: number): void {
    for (let atUs = this.nextAtUs(); atUs <= toUs; atUs = this.nextAtUs()) {
      if (this.#plan.nextAtUs() === atUs) this.#change(atUs);
      else this.#finish(atUs);
    }
  }

  /** A request arrives, after `advance` to the same time. */
  arrive(atUs: number, slot: number): void {
    this.#ledger.enter(atUs);
    this.#requests.setArrivedUs(slot, atUs);
    const failure = this.#plan.isDown ? CONNECTION_LOST : this.#partialFailure(slot);
    if (failure !== undefined) {
      this.#ledger.failed++;
      this.#answer(atUs, slot, failure);
    } else if (this.#finishes.size < this.#plan.workers) this.#serve(atUs, slot);
    else if (this.#queue.length < this.#places) this.#queue.push(slot);
    else if (this.#rejectionUs > 0) this.#rejecting.push(slot);
    else this.#reject(atUs, slot);
  }

  /** @throws {Error} when a request was lost, or counted twice */
  check(endUs: number): void {
    const slots = [...this.#queue.slots(), ...this.#rejecting.slots(), ...this.#finishes.ids()];
    const heldSinceUs = slots.map((slot) => this.#requests.arrivedUs(slot));
    this.#ledger.check(endUs, heldSinceUs);
  }

  #partialFailure(slot: number): RequestEnd | undefined {
    const { partials } = this.#plan;
    if (partials.length === 0) return undefined;
    const requests = this.#requests;
    const [client, call, attempt] = [
      requests.client(slot),
      requests.call(slot),
      requests.attempt(slot),
    ];
    for (const [index, { share, outcome }] of partials.entries()) {
      const purpose = requests.part(slot) * 16 + index;
      const draw = this.#faults.key(client, call, attempt, purpose).next();
      if (draw < share) return outcome;
    }
    return undefined;
  }

  #change(atUs: number): void {
    this.#plan.step();
    if (this.#plan.isDown) this.#loseEverything(atUs);
    this.#employWorkers(atUs);
  }

  #loseEverything(atUs: number): void {
    const lose = (slot: number) => {
      this.#ledger.failed++;
      this.#answer(atUs, slot, CONNECTION_LOST);
    };
    const working = [...this.#finishes.ids()];
    this.#finishes = new TimingWheel(this.#requests.precedes);
    working.forEach(lose);
    while (this.#rejecting.length > 0) lose(this.#rejecting.pop());
    while (this.#queue.length > 0) lose(this.#queue.pop());
  }

  #employWorkers(atUs: number): void {
    while (this.#finishes.size < this.#plan.workers) {
      if (this.#rejecting.length > 0) this.#beginRejection(atUs, this.#rejecting.pop());
      else if (this.#queue.length > 0) this.#serve(atUs, this.#queue.pop());
      else return;
    }
  }

  #serve(atUs: number, slot: number): void {
    const requests = this.#requests;
    const drawnUs = this.#serviceTime(
      this.#service,
      requests.client(slot),
      requests.call(slot),
      requests.attempt(slot),
      requests.part(slot),
    );
    const serviceUs = this.#inTicks(drawnUs * this.#plan.slowdown);
    requests.setServiceUs(slot, serviceUs);
    this.#finishes.push(atUs + serviceUs, slot);
  }

  #beginRejection(atUs: number, slot: number): void {
    this.#requests.setServiceUs(slot, REJECTING);
    this.#finishes.push(atUs + this.#inTicks(this.#rejectionUs), slot);
  }

  #finish(atUs: number): void {
    const slot = this.#finishes.pop();
    const serviceUs = this.#requests.serviceUs(slot);
    if (serviceUs === REJECTING) this.#reject(atUs, slot);
    else {
      this.#ledger.served++;
      this.#output.served(atUs, serviceUs, this.#requests.hasLeft(slot));
      this.#answer(atUs, slot, ANSWERED);
    }
    this.#employWorkers(atUs);
  }

  #reject(atUs: number, slot: number): void {
    this.#ledger.rejected++;
    this.#answer(atUs, slot, this.#rejection);
  }

  #answer(atUs: number, slot: number, end: RequestEnd): void {
    this.#ledger.leave(atUs, this.#requests.arrivedUs(slot));
    this.#output.answer(atUs, slot, end);
  }

  /** At least a tick, so that time always advances. */
  #inTicks(us: number): number {
    return Math.max(this.#tickUs, roundUpToTick(us, this.#tickUs));
  }
}
