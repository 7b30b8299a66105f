/**
 * What every driver reports while it runs, and the only thing that measures see. Times are integer
 * microseconds since the start of the run. Positional numbers, because a run reports millions.
 *
 * A call's number says which kind of calls it belongs to: see `traffic.ts`. A request is named by (client,
 * call, attempt, part): see `parts.ts`.
 */
import { describeOutcome } from "./outcome.ts";
import { describePart } from "./parts.ts";
import type { Outcome, StopReason } from "./policy.ts";
import { numberInTraffic, trafficOf } from "./traffic.ts";

export type RequestEnd =
  | Outcome
  /** `dropped`: its client was told yes, but the work was not done. Only the server knows. */
  | { readonly kind: "answered"; readonly dropped?: true }
  /** Its attempt has failed already, by another of its requests, or another attempt was answered: nobody waits for it. */
  | { readonly kind: "abandoned" }
  | { readonly kind: "unfinished" };

/** Whether the request ended in a way that its policy hears of. */
export function isFailure(end: RequestEnd): end is Outcome {
  return end.kind !== "answered" && end.kind !== "abandoned" && end.kind !== "unfinished";
}

/** "dropped": its client believes it answered. */
export type CallEnd = "answered" | "dropped" | "unfinished" | "abandoned" | StopReason;

export interface Trace {
  callStarted(atUs: number, client: number, call: number): void;
  requestSent(atUs: number, client: number, call: number, attempt: number, part: number): void;
  requestEnded(
    atUs: number,
    client: number,
    call: number,
    attempt: number,
    part: number,
    end: RequestEnd,
  ): void;
  /** As that call begins, its client asks for its flags anew. */
  flagsRequested(atUs: number, client: number, call: number): void;
  flagsRequestEnded(atUs: number, client: number, call: number, end: RequestEnd): void;
  waitStarted(atUs: number, client: number, call: number, attempt: number, delayUs: number): void;
  callEnded(
    atUs: number,
    client: number,
    call: number,
    attempts: number,
    startedUs: number,
    end: CallEnd,
  ): void;
  /** The server finished a piece of work; `late` if its caller had left before. */
  served(atUs: number, serviceUs: number, late: boolean): void;
}

/** A trace kept whole, one line an event: for small runs, parity and timelines. */
export class RecordedTrace implements Trace {
  readonly lines: string[] = [];

  callStarted(atUs: number, client: number, call: number): void {
    this.#add(atUs, client, call, "starts");
  }

  requestSent(atUs: number, client: number, call: number, attempt: number, part: number): void {
    this.#add(atUs, client, call, `${request(attempt, part)} sent`);
  }

  requestEnded(
    atUs: number,
    client: number,
    call: number,
    attempt: number,
    part: number,
    end: RequestEnd,
  ): void {
    this.#add(atUs, client, call, `${request(attempt, part)}: ${describeEnd(end)}`);
  }

  flagsRequested(atUs: number, client: number, call: number): void {
    this.#add(atUs, client, call, "flags requested");
  }

  flagsRequestEnded(atUs: number, client: number, call: number, end: RequestEnd): void {
    this.#add(atUs, client, call, `flags: ${describeEnd(end)}`);
  }

  waitStarted(atUs: number, client: number, call: number, attempt: number, delayUs: number): void {
    this.#add(atUs, client, call, `waits ${delayUs / 1000} ms after attempt ${attempt}`);
  }

  callEnded(
    atUs: number,
    client: number,
    call: number,
    attempts: number,
    _startedUs: number,
    end: CallEnd,
  ): void {
    this.#add(
      atUs,
      client,
      call,
      `ends after ${attempts === 1 ? "1 attempt" : `${attempts} attempts`}: ${end}`,
    );
  }

  served(atUs: number, serviceUs: number, late: boolean): void {
    this.lines.push(
      `${atUs / 1000} ms server: ${serviceUs / 1000} ms of work${late ? ", late" : ""}`,
    );
  }

  #add(atUs: number, client: number, call: number, what: string): void {
    const traffic = trafficOf(call);
    const name =
      traffic === 0 ? `call ${call}` : `call ${numberInTraffic(call)} of traffic ${traffic}`;
    this.lines.push(`${atUs / 1000} ms client ${client} ${name} ${what}`);
  }
}

/** One end in a few characters; see `describeOutcome`. */
export function describeEnd(end: RequestEnd): string {
  if (end.kind === "unfinished" || end.kind === "abandoned") return end.kind;
  if (end.kind === "answered") return end.dropped ? "answered, but dropped" : end.kind;
  return describeOutcome(end);
}

function request(attempt: number, part: number): string {
  return `attempt ${attempt}${describePart(part)}`;
}

/** Hands every event on to several traces, in their order. */
export class FannedTrace implements Trace {
  readonly #traces: readonly Trace[];

  constructor(...traces: readonly Trace[]) {
    this.#traces = traces;
  }

  callStarted(...event: Parameters<Trace["callStarted"]>): void {
    for (const trace of this.#traces) trace.callStarted(...event);
  }

  requestSent(...event: Parameters<Trace["requestSent"]>): void {
    for (const trace of this.#traces) trace.requestSent(...event);
  }

  requestEnded(...event: Parameters<Trace["requestEnded"]>): void {
    for (const trace of this.#traces) trace.requestEnded(...event);
  }

  flagsRequested(...event: Parameters<Trace["flagsRequested"]>): void {
    for (const trace of this.#traces) trace.flagsRequested(...event);
  }

  flagsRequestEnded(...event: Parameters<Trace["flagsRequestEnded"]>): void {
    for (const trace of this.#traces) trace.flagsRequestEnded(...event);
  }

  waitStarted(...event: Parameters<Trace["waitStarted"]>): void {
    for (const trace of this.#traces) trace.waitStarted(...event);
  }

  callEnded(...event: Parameters<Trace["callEnded"]>): void {
    for (const trace of this.#traces) trace.callEnded(...event);
  }

  served(...event: Parameters<Trace["served"]>): void {
    for (const trace of this.#traces) trace.served(...event);
  }
}

/** A trace that keeps nothing: the base of those that watch for one thing. */
export class SilentTrace implements Trace {
  callStarted(_atUs: number, _client: number, _call: number): void {}
  requestSent(
    _atUs: number,
    _client: number,
    _call: number,
    _attempt: number,
    _part: number,
  ): void {}
  requestEnded(
    _atUs: number,
    _client: number,
    _call: number,
    _attempt: number,
    _part: number,
    _end: RequestEnd,
  ): void {}
  flagsRequested(_atUs: number, _client: number, _call: number): void {}
  flagsRequestEnded(_atUs: number, _client: number, _call: number, _end: RequestEnd): void {}
  waitStarted(
    _atUs: number,
    _client: number,
    _call: number,
    _attempt: number,
    _delayUs: number,
  ): void {}
  callEnded(
    _atUs: number,
    _client: number,
    _call: number,
    _attempts: number,
    _startedUs: number,
    _end: CallEnd,
  ): void {}
  served(_atUs: number, _serviceUs: number, _late: boolean): void {}
}
