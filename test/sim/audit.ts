/** A trace that keeps its own books of a run, and complains about the first entry that does not fit. */

import { isOfReset } from "../../src/parts.ts";
import type { Scenario } from "../../src/scenario.ts";
import type { CallEnd, RequestEnd, Trace } from "../../src/trace.ts";
import { numberInTraffic, type Traffic, trafficOf, trafficsOf } from "../../src/traffic.ts";

interface OpenCall {
  readonly startedUs: number;
  attempts: number;
  /** "attempt.part" of each in flight. */
  readonly requests: Set<string>;
  waitUntilUs: number | undefined;
}

export class Audit implements Trace {
  readonly complaints: string[] = [];
  calls = 0;
  attempts = 0;
  retries = 0;
  hedges = 0;
  requests = 0;
  /** Of them, those that an attempt sent after its first. */
  furtherRequests = 0;
  /** Pieces of work that the server has done. */
  works = 0;
  readonly #scenario: Scenario;
  readonly #callsUntilMs: number;
  readonly #open = new Map<string, OpenCall>();
  readonly #traffics: readonly Traffic[];
  /** By client and traffic. */
  readonly #callsOf = new Map<string, number>();
  /** By client, the call at whose beginning it asked for flags. */
  readonly #fetching = new Map<number, number>();
  readonly #endUs: number;
  readonly #hedges: boolean;
  #nowUs = 0;

  /** @param callsUntilMs when new calls stop @param hedges whether a call may have several attempts in flight */
  constructor(scenario: Scenario, { callsUntilMs = scenario.runMs, hedges = false } = {}) {
    this.#hedges = hedges;
    this.#callsUntilMs = callsUntilMs;
    this.#scenario = scenario;
    this.#traffics = trafficsOf(scenario);
    this.#endUs = (scenario.runMs + scenario.patienceMs) * 1000;
  }

  callStarted(atUs: number, client: number, call: number): void {
    this.#pass(atUs);
    this.calls++;
    const whose = `${client}.${trafficOf(call)}`;
    const before = this.#callsOf.get(whose) ?? 0;
    const number = numberInTraffic(call);
    this.#expect(number === before + 1, `call ${call} of client ${client} follows ${before}`);
    this.#expect(atUs < this.#callsUntilMs * 1000, "a call begins after the run");
    this.#callsOf.set(whose, number);
    this.#open.set(`${client}.${call}`, {
      startedUs: atUs,
      attempts: 0,
      requests: new Set(),
      waitUntilUs: undefined,
    });
  }

  requestSent(atUs: number, client: number, call: number, attempt: number, part: number): void {
    this.#pass(atUs);
    this.requests++;
    const open = this.#call(client, call);
    const { attempt: sends, deadlineMs = Infinity } = this.#traffics[trafficOf(call)];
    const isFanOut = sends.order === "at-once" && part > 0 && !isOfReset(part);
    const isHedge = this.#hedges && open.requests.size > 0 && part === 0;
    const isOfSeveral = this.#hedges && part > 0 && !isOfReset(part);
    const isAlone = open.requests.size === 0;
    this.#expect(isAlone || isFanOut || isHedge || isOfSeveral, "two requests of one call at once");
    this.#expect(atUs - open.startedUs < deadlineMs * 1000 - 0.01, "a request after the deadline");
    // After a wait it is the time, or a later one: a policy may have waited on.
    this.#expect(atUs >= (open.waitUntilUs ?? 0), "a wait was cut short");
    open.waitUntilUs = undefined;
    open.requests.add(`${attempt}.${part}`);
    if (part > 0 && !isOfReset(part)) this.furtherRequests++;
    if (part > 0) return;
    this.attempts++;
    if (isHedge) this.hedges++;
    else if (attempt > 1) this.retries++;
    open.attempts++;
    this.#expect(attempt === open.attempts, `attempt ${attempt} is the ${open.attempts}th`);
  }

  requestEnded(
    atUs: number,
    client: number,
    call: number,
    attempt: number,
    part: number,
    end: RequestEnd,
  ): void {
    this.#pass(atUs);
    const open = this.#call(client, call);
    const wasInFlight = open.requests.delete(`${attempt}.${part}`);
    this.#expect(wasInFlight, "a request ends that is not in flight");
    this.#expect(end.kind !== "unfinished" || atUs === this.#endUs, "unfinished before the end");
  }

  flagsRequested(atUs: number, client: number, call: number): void {
    this.#pass(atUs);
    this.requests++;
    this.#call(client, call);
    this.#expect(!this.#fetching.has(client), "two requests for flags at once");
    this.#fetching.set(client, call);
  }

  flagsRequestEnded(atUs: number, client: number, call: number, end: RequestEnd): void {
    this.#pass(atUs);
    this.#expect(this.#fetching.get(client) === call, "a request for flags ends that never began");
    this.#fetching.delete(client);
    this.#expect(end.kind !== "unfinished" || atUs === this.#endUs, "unfinished before the end");
  }

  waitStarted(atUs: number, client: number, call: number, attempt: number, delayUs: number): void {
    this.#pass(atUs);
    const open = this.#call(client, call);
    this.#expect(open.requests.size === 0, "a call waits with a request in flight");
    this.#expect(attempt === open.attempts, "a wait after another attempt");
    const { tickUs } = this.#scenario;
    this.#expect(delayUs >= tickUs && delayUs % tickUs === 0, `a wait of ${delayUs} µs`);
    this.#expect(atUs + delayUs >= (open.waitUntilUs ?? 0), "a wait was shortened");
    open.waitUntilUs = atUs + delayUs;
  }

  callEnded(
    atUs: number,
    client: number,
    call: number,
    attempts: number,
    startedUs: number,
    _end: CallEnd,
  ): void {
    this.#pass(atUs);
    const open = this.#call(client, call);
    this.#expect(open.requests.size === 0, "a call ends with a request in flight");
    this.#expect(open.startedUs === startedUs, "a call ends that began at another time");
    this.#expect(attempts >= open.attempts, "a call ends with attempts that were never told");
    this.#open.delete(`${client}.${call}`);
  }

  /** Within a tick finishes come first. */
  served(atUs: number): void {
    this.#pass(atUs);
    this.works++;
  }

  end(): void {
    this.#expect(this.#fetching.size === 0, "a request for flags never ended");
    this.#expect(this.#open.size === 0, `${this.#open.size} calls never ended`);
    this.#expect(this.works <= this.requests, "more was served than sent");
  }

  #pass(atUs: number): void {
    this.#expect(atUs >= this.#nowUs, "time goes back");
    this.#expect(atUs % this.#scenario.tickUs === 0 || atUs === this.#endUs, "between two ticks");
    this.#nowUs = atUs;
  }

  #call(client: number, call: number): OpenCall {
    const open = this.#open.get(`${client}.${call}`);
    if (open === undefined) throw new Error(`call ${client}.${call} is not open`);
    return open;
  }

  #expect(isTrue: boolean, complaint: string): void {
    if (!isTrue) this.complaints.push(`${this.#nowUs / 1000} ms: ${complaint}`);
  }
}
