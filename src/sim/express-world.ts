/** What a run on the express lane has beside the arrays of its loop. */
import type { AskCounts, Call } from "../ask.ts";
import type { Agenda } from "../events/agenda.ts";
import type { Precedes } from "../events/precedes.ts";
import { TimingWheel } from "../events/timing-wheel.ts";
import { Load } from "../load.ts";
import type { NumericState, Outcome } from "../policy.ts";
import { KeyedRandom } from "../random.ts";
import { Ledger } from "../server/ledger.ts";
import { Plan } from "../server/plan.ts";
import { type Refusal, refusalOf } from "../server/refusal.ts";
import { ANSWERED } from "../server/server.ts";
import { type ServiceTime, serviceTime } from "../server/service-time.ts";
import { WaitingLine } from "../server/waiting-line.ts";
import type { RequestEnd, Trace } from "../trace.ts";
import type { SimulationOptions } from "./simulation.ts";
import type { Version } from "./version.ts";
import { Versions } from "./versions.ts";
import { Waits } from "./waits.ts";

export const TIMED_OUT: Outcome = Object.freeze({ kind: "timeout" });

/** Where on the agenda it is written when each is due. */
export interface ExpressPlaces {
  readonly agenda: Agenda;
  readonly changes: number;
  readonly early: number;
  readonly wakes: number;
  readonly calls: number;
}

export class ExpressWorld {
  readonly trace: Trace;
  readonly who: Versions;
  readonly versions: readonly Version[];
  readonly counts: AskCounts;
  readonly load: Load;
  readonly plan: Plan;
  readonly ledger = new Ledger();
  readonly rejection: Refusal;
  /** Rejections that cost a worker's time, and wait for one: they go before all work. */
  readonly rejecting = new WaitingLine(Infinity);
  readonly places: number;
  readonly serviceTime: ServiceTime;
  readonly serviceDraws: KeyedRandom;
  readonly waits = new Waits();
  readonly wakes: TimingWheel;
  /** Requests whose clients give up before the usual timeout. */
  readonly early: TimingWheel;
  /** How requests have ended so far, by the number that records have; the first three are always the same. */
  readonly ends: RequestEnd[];
  readonly callDeadlineMs: number | undefined;
  readonly resetRequests: number;
  /** Requests that were sent, and found no room on the ring. */
  readonly overflow: Overflown[] = [];

  /** Of requests; the lane brings it. */
  precedes: Precedes = () => true;
  /** Else the reading would be dropped. */
  ofNoMeaning = 0;
  /** The policy's state when it was looked at. */
  meanState: NumericState | undefined;

  constructor(options: SimulationOptions, places: ExpressPlaces) {
    const { scenario, seed, trace } = options;
    const { server, clients, sessionReset } = scenario;
    const { agenda } = places;
    this.trace = trace;
    this.who = new Versions(options);
    this.versions = this.who.all;
    this.counts = this.who.counts;
    this.load = new Load(scenario, seed, {
      agenda,
      place: places.calls,
      touch: (ids, from, to) => this.versions[0].states.touch(ids, from, to),
    });
    this.rejection = refusalOf(server.rejection);
    this.plan = new Plan(scenario, seed, this.rejection, { agenda, place: places.changes });
    this.places = server.queue.places;
    this.serviceTime = serviceTime(server.service);
    this.serviceDraws = new KeyedRandom(seed, "service");
    this.wakes = new TimingWheel(this.waits.precedes, {
      agenda,
      place: places.wakes,
      touch: (ids, from, to) => this.#touchWaiting(ids, from, to),
    });
    this.early = new TimingWheel((a, b) => this.precedes(a, b), { agenda, place: places.early });
    this.ends = [ANSWERED, this.rejection.end, TIMED_OUT];
    this.callDeadlineMs = clients.deadlineMs;
    this.resetRequests = sessionReset.requests;
  }

  /** Reads what is needed when those waits end, all at once. */
  #touchWaiting(ids: Int32Array, from: number, to: number): void {
    const { waits, versions } = this;
    let sum = 0;
    for (let at = from + 1; at < to; at += 2) {
      const wait = ids[at];
      sum += versions[waits.version(wait)].states.peek(waits.client(wait));
    }
    this.ofNoMeaning = sum;
  }

  /** The first time counts. */
  lookAtState(): void {
    this.meanState ??= this.who.meanState();
  }
}

/** A call, and what is to be written of its request beside it. */
export interface Overflown {
  readonly call: Call;
  readonly version: number;
  readonly part: number;
  readonly limitUs: number;
}
