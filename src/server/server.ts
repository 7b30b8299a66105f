/**
 * The overloaded server, sans-IO: it is told what arrives and that time has come, and says what is
 * answered. Late work is done like any other: the server does not know that a caller has left.
 */
import { Agenda, type AgendaPlace } from "../events/agenda.ts";
import { TimingWheel } from "../events/timing-wheel.ts";
import { KeyedRandom } from "../random.ts";
import { type Scalability, slowdownAt } from "../scalability.ts";
import type { Scenario, ServerSpec } from "../scenario.ts";
import { roundUpToTick } from "../ticks.ts";
import type { RequestEnd } from "../trace.ts";
import { CoDel } from "./codel.ts";
import { Ledger } from "./ledger.ts";
import { Plan } from "./plan.ts";
import { CONNECTION_LOST, type Refusal, refusalOf } from "./refusal.ts";
import type { Requests } from "./requests.ts";
import { type ServiceTime, serviceTime } from "./service-time.ts";
import { WaitingLine } from "./waiting-line.ts";

export interface ServerOutput {
  /** An answer, or the news of a broken connection, leaves the server. */
  answer(atUs: number, slot: number, end: RequestEnd): void;
  /** A piece of work is done; `late` if its caller had left before. */
  served(atUs: number, serviceUs: number, late: boolean, slot: number): void;
  /** The request needs the layer below: its worker is held until `resume`. Left out: there is none. */
  readonly hold?: (atUs: number, slot: number) => void;
}

/** On an agenda: changes of the plan, then finishes. */
export const SERVER_PLACES = 2;

export const ANSWERED: RequestEnd = Object.freeze({ kind: "answered" });

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
  readonly #network: KeyedRandom;
  readonly #scalability: Scalability | undefined;
  readonly #rejection: Refusal;
  readonly #expiry: Refusal;
  readonly #places: number;
  readonly #queue: WaitingLine;
  readonly #codel: CoDel | undefined;
  readonly #dropsExpired: boolean;
  readonly #heedsLateness: boolean;
  /** Refusals that cost a worker's time, and wait for one: they go before all work. */
  readonly #rejecting = new WaitingLine(Infinity);
  /** How those of them end, by slot, where it is not by the usual rejection. */
  readonly #endings = new Map<number, Refusal>();
  /** Requests whose workers wait for the layer below. */
  readonly #held = new Set<number>();
  /** Work and refusals in progress. */
  #finishes: TimingWheel;
  readonly #atFinishes: AgendaPlace;

  constructor(
    scenario: Pick<Scenario, "server" | "faults" | "tickUs">,
    seed: number,
    requests: Requests,
    output: ServerOutput,
    { agenda, place }: AgendaPlace = { agenda: new Agenda(SERVER_PLACES), place: 0 },
  ) {
    const { server, tickUs } = scenario;
    this.#tickUs = tickUs;
    this.#requests = requests;
    this.#atFinishes = { agenda, place: place + 1 };
    this.#finishes = new TimingWheel(requests.precedes, this.#atFinishes);
    this.#output = output;
    this.#rejection = refusalOf(server.rejection);
    this.#expiry = { ...this.#rejection, costUs: 0, countedAs: "expired" };
    this.#plan = new Plan(scenario, seed, this.#rejection, { agenda, place });
    this.#serviceTime = serviceTime(server.service);
    this.#scalability = server.scalability;
    this.#service = new KeyedRandom(seed, "service");
    this.#network = new KeyedRandom(seed, "network");
    const { queue } = server;
    this.#places = queue.places;
    this.#queue = new WaitingLine(lifoAboveOf(queue));
    this.#codel = queue.codel && new CoDel(queue.codel);
    this.#dropsExpired = queue.dropsExpired ?? false;
    this.#heedsLateness = this.#dropsExpired || this.#codel !== undefined;
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
    const refusal = this.#plan.isQuiet ? undefined : this.#refusal(atUs, slot);
    if (refusal !== undefined) {
      this.#refuse(atUs, slot, refusal);
      this.#employWorkers(atUs);
    } else if (this.#isExpired(atUs, slot)) this.#refuse(atUs, slot, this.#expiry);
    else if (this.#isAnyFree()) this.#serve(atUs, slot);
    else if (this.#queue.length < this.#places) this.#enqueue(atUs, slot);
    else this.#refuse(atUs, slot, this.#rejection);
  }

  /** Whether a worker still waits for what the layer below makes of that request. */
  holds(slot: number): boolean {
    return this.#held.has(slot);
  }

  /** The layer below has done its part, or failed: the request ends that way, if it is still here. */
  resume(atUs: number, slot: number, end: RequestEnd): void {
    if (this.#held.delete(slot)) {
      this.#ledger[bookOf(end)]++;
      this.#answer(atUs, slot, end);
      this.#employWorkers(atUs);
    }
    this.#requests.done(slot);
  }

  /** Whether the network loses what is sent now. */
  loses(slot: number, direction: "request" | "answer"): boolean {
    const { lossShare } = this.#plan;
    if (lossShare === 0) return false;
    const requests = this.#requests;
    const purpose = requests.part(slot) * 2 + (direction === "request" ? 0 : 1);
    this.#network.key(requests.client(slot), requests.call(slot), requests.attempt(slot), purpose);
    return this.#network.next() < lossShare;
  }

  /** @throws {Error} when a request was lost, or counted twice */
  check(endUs: number): void {
    const waiting = [...this.#queue.slots(), ...this.#rejecting.slots(), ...this.#held];
    const slots = [...waiting, ...this.#finishes.ids()];
    const heldSinceUs = slots.map((slot) => this.#requests.arrivedUs(slot));
    this.#ledger.check(endUs, heldSinceUs);
  }

  #refusal(atUs: number, slot: number): Refusal | undefined {
    const requests = this.#requests;
    return this.#plan.refusal(
      atUs,
      requests.client(slot),
      requests.call(slot),
      requests.attempt(slot),
      requests.part(slot),
    );
  }

  #enqueue(atUs: number, slot: number): void {
    this.#codel?.enter(atUs, slot, this.#queue.length === 0);
    this.#queue.push(slot);
  }

  #change(atUs: number): void {
    this.#plan.step();
    if (this.#plan.isDown) this.#loseEverything(atUs);
    this.#employWorkers(atUs);
  }

  #loseEverything(atUs: number): void {
    const lose = (slot: number) => this.#turnAway(atUs, slot, CONNECTION_LOST);
    this.#endings.clear();
    const working = [...this.#finishes.ids()];
    this.#finishes = new TimingWheel(this.#requests.precedes, this.#atFinishes);
    working.forEach(lose);
    // What was asked of the layer below goes on there.
    this.#held.forEach(lose);
    this.#held.clear();
    while (this.#rejecting.length > 0) lose(this.#rejecting.pop());
    while (this.#queue.length > 0) lose(this.#queue.pop());
  }

  #isAnyFree(): boolean {
    return this.#finishes.size + this.#held.size < this.#plan.workers;
  }

  #employWorkers(atUs: number): void {
    while (this.#isAnyFree()) {
      if (this.#rejecting.length > 0) this.#beginRejection(atUs, this.#rejecting.pop());
      else if (this.#queue.length > 0) this.#takeNext(atUs);
      else return;
    }
  }

  /** Who has waited too long is turned away, beginning with who has waited longest. */
  #takeNext(atUs: number): void {
    if (!this.#heedsLateness) {
      this.#serve(atUs, this.#queue.pop());
      return;
    }
    const isOldestLate = this.#lateness(atUs, this.#queue.oldest) !== undefined;
    const slot = isOldestLate ? this.#queue.popOldest() : this.#queue.pop();
    const refusal = this.#lateness(atUs, slot);
    if (refusal === undefined) this.#serve(atUs, slot);
    else this.#refuse(atUs, slot, refusal);
  }

  #lateness(atUs: number, slot: number): Refusal | undefined {
    if (this.#isExpired(atUs, slot)) return this.#expiry;
    return this.#codel?.isOverdue(atUs, slot) ? this.#rejection : undefined;
  }

  /** Whether its caller waits no longer, and the server heeds that. */
  #isExpired(atUs: number, slot: number): boolean {
    return this.#dropsExpired && this.#requests.limitUs(slot) <= atUs;
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
    const serviceUs = this.#inTicks(drawnUs * this.#plan.slowdown * this.#crowding());
    requests.setServiceUs(slot, serviceUs);
    this.#finishes.push(atUs + serviceUs, slot);
  }

  /** How much slower work is that begins now. */
  #crowding(): number {
    if (this.#scalability === undefined) return 1;
    return slowdownAt(this.#finishes.size + 1, this.#scalability);
  }

  #beginRejection(atUs: number, slot: number): void {
    const { costUs } = this.#endingOf(slot);
    this.#requests.setServiceUs(slot, REJECTING);
    this.#finishes.push(atUs + this.#inTicks(costUs), slot);
  }

  #finish(atUs: number): void {
    const slot = this.#finishes.pop();
    const serviceUs = this.#requests.serviceUs(slot);
    if (serviceUs === REJECTING) {
      const refusal = this.#endingOf(slot);
      if (refusal !== this.#rejection) this.#endings.delete(slot);
      this.#turnAway(atUs, slot, refusal);
    } else {
      this.#output.served(atUs, serviceUs, this.#requests.hasLeft(slot), slot);
      if (this.#output.hold === undefined) {
        this.#ledger.served++;
        this.#answer(atUs, slot, ANSWERED);
      } else this.#hold(atUs, slot, this.#output.hold);
    }
    this.#employWorkers(atUs);
  }

  #hold(atUs: number, slot: number, hold: (atUs: number, slot: number) => void): void {
    this.#held.add(slot);
    this.#requests.hold(slot);
    hold(atUs, slot);
  }

  /** At once if that is free; else a worker has to see to it. */
  #refuse(atUs: number, slot: number, refusal: Refusal): void {
    if (refusal.costUs === 0) {
      this.#turnAway(atUs, slot, refusal);
      return;
    }
    if (refusal !== this.#rejection) this.#endings.set(slot, refusal);
    this.#rejecting.push(slot);
  }

  #endingOf(slot: number): Refusal {
    if (this.#endings.size === 0) return this.#rejection;
    return this.#endings.get(slot) ?? this.#rejection;
  }

  #turnAway(atUs: number, slot: number, { end, countedAs }: Refusal): void {
    this.#ledger[countedAs]++;
    this.#answer(atUs, slot, end);
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

/** Where the books count a request that the layer below had a part in. */
function bookOf(end: RequestEnd): "served" | "dropped" | "failed" {
  if (end.kind !== "answered") return "failed";
  return end.dropped ? "dropped" : "served";
}

/** How many may wait before the newest goes first. */
function lifoAboveOf({ order, lifoAbove = Infinity }: ServerSpec["queue"]): number {
  return order === "lifo" ? 0 : lifoAbove;
}
