/**
 * From the decision to send to the outcome: the session reset before the attempt, one request after the
 * other, then the attempt's own requests, in turn, at once, or as fallbacks.
 */
import type { EventQueue } from "../events/event-queue.ts";
import { isOfReset, partOfRequest, requestOfPart } from "../parts.ts";
import type { Outcome } from "../policy.ts";
import type { Scenario } from "../scenario.ts";
import type { RemoteServer } from "../server/remote-server.ts";
import { roundUpToTick } from "../ticks.ts";
import { isFailure, type RequestEnd, type Trace } from "../trace.ts";
import { type Traffic, trafficOf, trafficsOf } from "../traffic.ts";
import { AttemptRequests } from "./attempt-requests.ts";
import type { CallWindow } from "./call-window.ts";
import { ASKING } from "./calls-in-flight.ts";

export interface AttemptsWorld {
  readonly remote: RemoteServer;
  /** Of requests, by slot. */
  readonly timeouts: EventQueue;
  readonly trace: Trace;
  /** `dropped`: its client was told yes, but the work was not done. */
  readonly answered: (nowUs: number, slot: number, call: CallWindow, dropped: boolean) => void;
  readonly failed: (nowUs: number, slot: number, call: CallWindow, outcome: Outcome) => void;
  /** An attempt of several goes out, after any session reset. */
  readonly sent: (nowUs: number, slot: number, call: CallWindow) => void;
}

export class Attempts {
  /** Each ends once. */
  ended = 0;
  readonly #world: AttemptsWorld;
  readonly #tickUs: number;
  readonly #traffics: readonly Traffic[];
  /** By traffic. */
  readonly #timeoutsUs: readonly number[];
  readonly #resetRequests: number;
  readonly #requestsOf = new AttemptRequests();

  constructor(scenario: Scenario, world: AttemptsWorld) {
    this.#world = world;
    this.#tickUs = scenario.tickUs;
    this.#traffics = trafficsOf(scenario);
    this.#timeoutsUs = this.#traffics.map(({ timeoutMs }) => this.#inTicks(timeoutMs * 1000));
    this.#resetRequests = scenario.sessionReset.requests;
  }

  begin(nowUs: number, slot: number, call: CallWindow, resetsSession: boolean): void {
    if (resetsSession && this.#resetRequests > 0) {
      call.untilUs = this.#limitUs(nowUs, call);
      this.#send(nowUs, slot, call, 1, call.untilUs);
    } else this.#sendFirst(nowUs, slot, call);
  }

  /** What came of a request that its caller waited for. */
  requestEnded(nowUs: number, request: number, slot: number, call: CallWindow, end: RequestEnd) {
    const { remote, trace } = this.#world;
    const part = remote.requests.part(request);
    trace.requestEnded(nowUs, call.client, call.call, call.attempt, part, end);
    if (isOfReset(part)) this.#continueReset(nowUs, slot, call, part, end);
    else if (end.kind === "answered") {
      this.#requestAnswered(nowUs, slot, call, part, end.dropped === true);
    } else if (isFailure(end)) this.#requestFailed(nowUs, slot, call, part, end);
  }

  /** Nobody waits any more for the attempt, which is past its session reset. */
  abandon(nowUs: number, slot: number, call: CallWindow): void {
    this.ended++;
    if (this.#sendingOf(call).requests > 1) this.#endOthers(nowUs, slot, call, ABANDONED);
    else this.#leave(nowUs, call, call.request, ABANDONED);
  }

  /** The run is over before the attempt. */
  endUnfinished(endUs: number, slot: number, call: CallWindow): void {
    this.ended++;
    const { requests } = this.#world.remote;
    // The last request of a fan-out may be over, and its slot another call's.
    const isOwn = requests.owner(call.request) === slot;
    const isReset = isOwn && isOfReset(requests.part(call.request));
    if (isReset || this.#sendingOf(call).requests === 1) {
      const part = requests.part(call.request);
      const { client, call: number, attempt } = call;
      this.#world.trace.requestEnded(endUs, client, number, attempt, part, UNFINISHED);
    } else this.#endOthers(endUs, slot, call, UNFINISHED);
  }

  /** The first that fails, or the end of its time, ends the reset, and the attempt is sent all the same. */
  #continueReset(
    nowUs: number,
    slot: number,
    call: CallWindow,
    part: number,
    end: RequestEnd,
  ): void {
    const goesOn = part < this.#resetRequests && nowUs < call.untilUs;
    if (end.kind === "answered" && goesOn) {
      this.#send(nowUs, slot, call, part + 1, call.untilUs);
    } else this.#sendFirst(nowUs, slot, call);
  }

  #sendFirst(nowUs: number, slot: number, call: CallWindow): void {
    call.waitFromMs = nowUs / 1000;
    // Only a session reset can have used up the time since the decision to send.
    if (nowUs >= this.#deadlineUs(call)) {
      this.#fail(nowUs, slot, call, TIMEOUT);
      return;
    }
    const limitUs = this.#limitUs(nowUs, call);
    const { requests, order } = this.#sendingOf(call);
    if (requests === 1) this.#send(nowUs, slot, call, 0, limitUs);
    else {
      call.untilUs = limitUs;
      this.#requestsOf.begin(slot);
      const atOnce = order === "at-once" ? requests : 1;
      for (let n = 0; n < atOnce; n++) this.#sendOneOf(nowUs, slot, call, n, limitUs);
    }
    if (call.rides >= 0) this.#world.sent(nowUs, slot, call);
  }

  /** The n-th request, from 0, of an attempt that may send several. */
  #sendOneOf(nowUs: number, slot: number, call: CallWindow, n: number, limitUs: number): void {
    this.#send(nowUs, slot, call, partOfRequest(n), limitUs);
    this.#requestsOf.sent(slot, n, call.request);
  }

  #send(nowUs: number, slot: number, call: CallWindow, part: number, limitUs: number): void {
    const { remote, timeouts, trace } = this.#world;
    const request = remote.requests.open(call.client, call.call, call.attempt, part, slot);
    call.request = request;
    trace.requestSent(nowUs, call.client, call.call, call.attempt, part);
    call.stage = ASKING;
    remote.requests.setLimitUs(request, limitUs);
    timeouts.push(limitUs, request);
    remote.send(nowUs, request);
  }

  #requestAnswered(
    nowUs: number,
    slot: number,
    call: CallWindow,
    part: number,
    dropped: boolean,
  ): void {
    const { requests, order } = this.#sendingOf(call);
    if (requests === 1) {
      this.#answer(nowUs, slot, call, dropped);
      return;
    }
    const sent = requestOfPart(part);
    const answered = this.#requestsOf.answered(slot, sent, dropped);
    if (order === "fallback" || answered === requests) {
      this.#answer(nowUs, slot, call, this.#requestsOf.isDropped(slot));
    } else if (order === "at-once") return;
    else if (nowUs < call.untilUs) this.#sendOneOf(nowUs, slot, call, sent + 1, call.untilUs);
    else this.#fail(nowUs, slot, call, TIMEOUT);
  }

  #requestFailed(
    nowUs: number,
    slot: number,
    call: CallWindow,
    part: number,
    outcome: Outcome,
  ): void {
    const { requests, order } = this.#sendingOf(call);
    if (requests > 1) {
      const next = requestOfPart(part) + 1;
      this.#requestsOf.failed(slot, next - 1);
      const isTime = nowUs < this.#deadlineUs(call);
      if (order === "fallback" && next < requests && isTime) {
        this.#sendOneOf(nowUs, slot, call, next, this.#limitUs(nowUs, call));
        return;
      }
      this.#endOthers(nowUs, slot, call, outcome.kind === "timeout" ? TIMEOUT : ABANDONED);
    }
    this.#fail(nowUs, slot, call, outcome);
  }

  /** Nobody waits any more for what else is in flight of the attempt. */
  #endOthers(nowUs: number, slot: number, call: CallWindow, end: RequestEnd): void {
    for (const request of this.#requestsOf.inFlight(slot)) this.#leave(nowUs, call, request, end);
  }

  #leave(nowUs: number, call: CallWindow, request: number, end: RequestEnd): void {
    const { requests } = this.#world.remote;
    const { client, call: number, attempt } = call;
    this.#world.trace.requestEnded(nowUs, client, number, attempt, requests.part(request), end);
    requests.leave(request);
  }

  #answer(nowUs: number, slot: number, call: CallWindow, dropped: boolean): void {
    this.ended++;
    this.#world.answered(nowUs, slot, call, dropped);
  }

  #fail(nowUs: number, slot: number, call: CallWindow, outcome: Outcome): void {
    this.ended++;
    this.#world.failed(nowUs, slot, call, outcome);
  }

  #sendingOf(call: CallWindow): Scenario["attempt"] {
    return this.#traffics[trafficOf(call.call)].attempt;
  }

  /** An attempt, and a reset as a whole, may take the attempt timeout, but not pass the deadline. */
  #limitUs(nowUs: number, call: CallWindow): number {
    const timeoutUs = this.#timeoutsUs[trafficOf(call.call)];
    return Math.min(nowUs + timeoutUs, this.#deadlineUs(call));
  }

  /** In milliseconds it is a float: 16.1 · 1000 is more than 16,100. */
  #deadlineUs(call: CallWindow): number {
    const ms = call.deadlineMs;
    return ms === undefined ? Number.POSITIVE_INFINITY : this.#inTicks(ms * 1000 - 0.01);
  }

  #inTicks(us: number): number {
    return roundUpToTick(us, this.#tickUs);
  }
}

export const TIMEOUT: Outcome = Object.freeze({ kind: "timeout" });
const ABANDONED: RequestEnd = Object.freeze({ kind: "abandoned" });
const UNFINISHED: RequestEnd = Object.freeze({ kind: "unfinished" });
