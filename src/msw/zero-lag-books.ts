/** The books of the MSW lane: they also watch where each call is, and take no report that comes late. */
import { flightOf } from "../lane/flag-fetches.ts";
import { LaneBooks } from "../lane/lane-books.ts";
import { type CallName, FLAGS_REQUEST, type RequestName } from "../request-name.ts";
import type { CallEndReason } from "../retry/observer.ts";
import type { RequestEnd } from "../trace.ts";
import { CallsInFlight } from "./calls-in-flight.ts";

export class ZeroLagBooks extends LaneBooks {
  readonly calls = new CallsInFlight();

  override callStarted(name: CallName): void {
    this.write(() => this.calls.start(name));
    super.callStarted(name);
  }

  override requestSent(name: RequestName): void {
    this.write((nowUs) => this.calls.send(name, nowUs));
    super.requestSent(name);
  }

  requestReached(name: RequestName): void {
    this.write((nowUs) => this.calls.reachServer(flightOf(name), nowUs));
  }

  override answerSent(name: RequestName, end: RequestEnd): void {
    this.write((nowUs) => this.calls.answer(flightOf(name), nowUs));
    super.answerSent(name, end);
  }

  override flagsRequested(name: CallName): void {
    const flight = flightOf({ ...name, ...FLAGS_REQUEST });
    this.write((nowUs) => {
      this.calls.start(flight);
      this.calls.send(flight, nowUs);
    });
    super.flagsRequested(name);
  }

  override flagsRequestEnded(name: CallName, end: RequestEnd): void {
    const flight = flightOf({ ...name, ...FLAGS_REQUEST });
    this.write((nowUs) => {
      this.calls.end(flight, nowUs, end);
      this.calls.finish(flight);
    });
    super.flagsRequestEnded(name, end);
  }

  override requestEnded(name: RequestName, end: RequestEnd): void {
    this.write((nowUs) => this.calls.end(name, nowUs, end));
    super.requestEnded(name, end);
  }

  clientLeft(name: RequestName): void {
    this.write(() => this.calls.part(flightOf(name)));
  }

  override waitStarted(name: CallName, attempt: number, delayMs: number): void {
    this.write(() => this.calls.wait(name));
    super.waitStarted(name, attempt, delayMs);
  }

  override callEnded(name: CallName, attempts: number, why: CallEndReason): void {
    this.write(() => this.calls.finish(name));
    super.callEnded(name, attempts, why);
  }
}
