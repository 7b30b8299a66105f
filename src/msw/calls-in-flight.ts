/**
 * Where each call of a run is just now. It knows when nothing is on its way any more, so that time may
 * move on, and it holds the lane to zero lag: a request reaches the server, and an answer its client, at
 * the very virtual time it was sent.
 */
import { callKey, noSuchCall } from "../lane/lane-books.ts";
import { type CallName, describeRequest, type RequestName } from "../request-name.ts";
import type { RequestEnd } from "../trace.ts";
import { LaneError } from "./lane-error.ts";

/** "deciding": the next step is the client's, and takes no time; "sending": the request is on the wire. */
type Stage = "deciding" | "sending" | "at the server" | "waiting";

export interface CallInFlight extends CallName {
  stage: Stage;
  /** Of the request in flight. */
  attempt: number;
  part: number;
  sentUs: number;
  /** When the server's answer was handed to the wire; -1 while there is none. */
  answeredUs: number;
}

export class CallsInFlight {
  readonly #calls = new Map<number, CallInFlight>();
  /** Calls that are deciding or sending. */
  #moving = 0;
  /** Requests timed out of which only one side, the client or the server, knows so far. */
  readonly #parting = new Set<string>();

  get isSettled(): boolean {
    return this.#moving === 0 && this.#parting.size === 0;
  }

  start({ client, call }: CallName): void {
    this.#moving++;
    this.#calls.set(callKey({ client, call }), {
      client,
      call,
      stage: "deciding",
      attempt: 0,
      part: 0,
      sentUs: 0,
      answeredUs: -1,
    });
  }

  of(name: CallName): CallInFlight {
    const found = this.#calls.get(callKey(name));
    if (found === undefined) throw noSuchCall(name);
    return found;
  }

  /** Its wait ended or its time is up: what comes of it is its own decision. */
  decide(name: CallName): void {
    this.#move(this.of(name), "deciding");
  }

  wait(name: CallName): void {
    this.#move(this.of(name), "waiting");
  }

  send(name: RequestName, nowUs: number): void {
    const call = this.of(name);
    this.#move(call, "sending");
    call.attempt = name.attempt;
    call.part = name.part;
    call.sentUs = nowUs;
    call.answeredUs = -1;
  }

  /** @throws {Error} when it comes late, or again */
  reachServer(name: RequestName, nowUs: number): void {
    const call = this.#calls.get(callKey(name));
    const isExpected =
      call?.stage === "sending" && call.attempt === name.attempt && call.part === name.part;
    if (!isExpected)
      throw new LaneError(nowUs, `${describeRequest(name)} reached the server unexpectedly`);
    if (call.sentUs !== nowUs) {
      throw new LaneError(
        nowUs,
        `${describeRequest(name)} reached the server ${late(nowUs, call.sentUs)}`,
      );
    }
    this.#move(call, "at the server");
  }

  /** The server's answer goes to the wire. */
  answer(name: RequestName, nowUs: number): void {
    const call = this.of(name);
    call.answeredUs = nowUs;
    this.#move(call, "deciding");
  }

  /** @throws {Error} when the client saw the answer late, or one that was never sent */
  end(name: RequestName, nowUs: number, end: RequestEnd): void {
    const call = this.of(name);
    if (end.kind === "timeout") this.part(name);
    else if (call.answeredUs < 0) {
      throw new LaneError(
        nowUs,
        `${describeRequest(name)} ended (${end.kind}) without the server's answer`,
      );
    } else if (call.answeredUs !== nowUs) {
      throw new LaneError(
        nowUs,
        `the answer reached ${describeRequest(name)} ${late(nowUs, call.answeredUs)}`,
      );
    }
    this.#move(call, "deciding");
  }

  /** The client timed out, or the server saw the connection close: one must follow the other. */
  part(name: RequestName): void {
    const request = describeRequest(name);
    if (!this.#parting.delete(request)) this.#parting.add(request);
  }

  finish(name: CallName): void {
    this.#move(this.of(name), "waiting");
    this.#calls.delete(callKey(name));
  }

  /** What is still on its way, for an error message. */
  describeMoving(): string {
    const moving = [...this.#calls.values()]
      .filter(isMoving)
      .sort((a, b) => a.client - b.client || a.call - b.call);
    const calls = moving.map(
      ({ client, call, stage }) => `client ${client} call ${call} is ${stage}`,
    );
    const parting = [...this.#parting].map((name) => `only one side knows that ${name} is over`);
    return [...calls, ...parting].join(", ");
  }

  #move(call: CallInFlight, stage: Stage): void {
    if (isMoving(call)) this.#moving--;
    call.stage = stage;
    if (isMoving(call)) this.#moving++;
  }
}

function late(nowUs: number, dueUs: number): string {
  return `${(nowUs - dueUs) / 1000} ms late`;
}

function isMoving({ stage }: CallInFlight): boolean {
  return stage === "deciding" || stage === "sending";
}
