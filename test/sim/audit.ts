/** A trace that keeps its own books of a run, and complains about the first entry that does not fit. */
import type { Scenario } from "../../src/scenario.ts";
import type { CallEnd, RequestEnd, Trace } from "../../src/trace.ts";

interface OpenCall {
  readonly startedUs: number;
  attempts: number;
  /** "attempt.part" in flight. */
  request: string | undefined;
  waitUntilUs: number | undefined;
}

export class Audit implements Trace {
  readonly complaints: string[] = [];
  calls = 0;
  attempts = 0;
  retries = 0;
  requests = 0;
  /** Pieces of work that the server has done. */
  works = 0;
  readonly #scenario: Scenario;
  readonly #callsUntilMs: number;
  readonly #open = new Map<string, OpenCall>();
  readonly #callsOf = new Map<number, number>();
  /** By client, the call at whose beginning it asked for flags. */
  readonly #fetching = new Map<number, number>();
  readonly #endUs: number;
  #nowUs = 0;

  /** @param callsUntilMs when new calls stop */
  constructor(scenario: Scenario, callsUntilMs = scenario.runMs) {
    this.#callsUntilMs = callsUntilMs;
    this.#scenario = scenario;
    this.#endUs = (scenario.runMs + scenario.patienceMs) * 1000;
  }

  callStarted(atUs: number, client: number, call: number): void {
    this.#pass(atUs);
    this.calls++;
    const before = this.#callsOf.get(client) ?? 0;
    this.#expect(call === before + 1, `call ${call} of client ${client} follows ${before}`);
    this.#expect(atUs < this.#callsUntilMs * 1000, "a call begins after the run");
    this.#callsOf.set(client, call);
    this.#open.set(`${client}.${call}`, {
      startedUs: atUs,
      attempts: 0,
      request: undefined,
      waitUntilUs: undefined,
    });
  }

  requestSent(atUs: number, client: number, call: number, attempt: number, part: number): void {
    this.#pass(atUs);
    this.requests++;
    const open = this.#call(client, call);
    this.#expect(open.request === undefined, "two requests of one call at once");
    // After a wait it is the time, or a later one: a policy may have waited on.
    this.#expect(atUs >= (open.waitUntilUs ?? 0), "a wait was cut short");
    open.waitUntilUs = undefined;
    open.request = `${attempt}.${part}`;
    if (part > 0) return;
    this.attempts++;
    if (attempt > 1) this.retries++;
    open.attempts++;
    this.#expect(attempt === open.attempts, `attempt ${attempt} is the ${open.attempts}th`);
    const { deadlineMs = Infinity } = this.#scenario.clients;
    this.#expect(atUs - open.startedUs < deadlineMs * 1000 - 0.01, "an attempt after the deadline");
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
    this.#expect(open.request === `${attempt}.${part}`, "a request ends that is not in flight");
    open.request = undefined;
    this.#expect(end.kind !== "unfinished" || atUs === this.#endUs, "unfinished before the end");
  }

  flagsRequested(atUs: number, client: number, call: number): void {
    this.#pass(atUs);
    this.requests++;
    this.#expect(this.#callsOf.get(client) === call, "flags requested at no call's beginning");
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
    this.#expect(open.request === undefined, "a call waits with a request in flight");
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
    this.#expect(open.request === undefined, "a call ends with a request in flight");
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
