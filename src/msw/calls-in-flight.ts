/**
 * Where each call of a run is just now. It knows when nothing is on its way any more, so that time may
 * move on, and it holds the lane to zero lag: a request reaches the server, and an answer its client, at
 * the very virtual time it was sent.
 */
import { callKey, noSuchCall } from "../lane/lane-books.ts";
import { type CallName, describeRequest, type RequestName } from "../request-name.ts";
import type { RequestEnd } from "../trace.ts";
import { LaneError } from "./lane-error.ts";

/** "sending" and "answered": on the wire. */
type Stage = "sending" | "at the server" | "answered";

interface RequestInFlight {
  readonly name: RequestName;
  readonly sentUs: number;
  stage: Stage;
  answeredUs: number;
}

interface CallInFlight extends CallName {
  /** The next step is the client's, and takes no time. */
  isDeciding: boolean;
  readonly requests: Map<string, RequestInFlight>;
}

export class CallsInFlight {
  readonly #calls = new Map<number, CallInFlight>();
  /** Calls that are deciding, and requests on the wire. */
  #moving = 0;
  /** Requests given up of which only one side, the client or the server, knows so far. */
  readonly #parting = new Set<string>();

  get isSettled(): boolean {
    return this.#moving === 0 && this.#parting.size === 0;
  }

  start({ client, call }: CallName): void {
    const started = { client, call, isDeciding: false, requests: new Map() };
    this.#calls.set(callKey({ client, call }), started);
    this.#decides(started, true);
  }

  /** The time of one of its requests is up: what comes of it is its own decision. */
  timeOut(name: CallName): void {
    this.#decides(this.#of(name), true);
  }

  /** The same, of its wait. If it is asking, its policy may want a hedge, or say nothing. */
  wake(name: CallName): void {
    const call = this.#of(name);
    if (call.requests.size === 0) this.#decides(call, true);
  }

  wait(name: CallName): void {
    this.#decides(this.#of(name), false);
  }

  send(name: RequestName, nowUs: number): void {
    const call = this.#of(name);
    this.#decides(call, false);
    this.#moving++;
    const sent = { name, sentUs: nowUs, stage: "sending" as const, answeredUs: -1 };
    call.requests.set(describeRequest(name), sent);
  }

  /** @throws {Error} when it comes late, or again */
  reachServer(name: RequestName, nowUs: number): void {
    const request = this.#calls.get(callKey(name))?.requests.get(describeRequest(name));
    if (request?.stage !== "sending")
      throw new LaneError(nowUs, `${describeRequest(name)} reached the server unexpectedly`);
    if (request.sentUs !== nowUs) {
      throw new LaneError(
        nowUs,
        `${describeRequest(name)} reached the server ${late(nowUs, request.sentUs)}`,
      );
    }
    this.#moving--;
    request.stage = "at the server";
  }

  /** The server's answer goes to the wire. */
  answer(name: RequestName, nowUs: number): void {
    const request = this.#of(name).requests.get(describeRequest(name));
    if (request === undefined) throw noSuchCall(name);
    if (!isMoving(request)) this.#moving++;
    request.stage = "answered";
    request.answeredUs = nowUs;
  }

  /** @throws {Error} when the client saw the answer late, or one that was never sent */
  end(name: RequestName, nowUs: number, end: RequestEnd): void {
    const call = this.#of(name);
    const request = call.requests.get(describeRequest(name));
    if (request === undefined) throw noSuchCall(name);
    if (end.kind === "timeout" || end.kind === "abandoned") this.part(name);
    else if (request.answeredUs < 0) {
      throw new LaneError(
        nowUs,
        `${describeRequest(name)} ended (${end.kind}) without the server's answer`,
      );
    } else if (request.answeredUs !== nowUs) {
      throw new LaneError(
        nowUs,
        `the answer reached ${describeRequest(name)} ${late(nowUs, request.answeredUs)}`,
      );
    }
    if (isMoving(request)) this.#moving--;
    call.requests.delete(describeRequest(name));
    this.#decides(call, call.requests.size === 0);
  }

  /** The client gave up, or the server saw the connection close: one must follow the other. */
  part(name: RequestName): void {
    const request = describeRequest(name);
    if (!this.#parting.delete(request)) this.#parting.add(request);
  }

  finish(name: CallName): void {
    const call = this.#of(name);
    this.#decides(call, false);
    for (const request of call.requests.values()) if (isMoving(request)) this.#moving--;
    this.#calls.delete(callKey(name));
  }

  /** What is still on its way, for an error message. */
  describeMoving(): string {
    const calls = [...this.#calls.values()].sort((a, b) => a.client - b.client || a.call - b.call);
    const deciding = calls.filter(({ isDeciding }) => isDeciding);
    const requests = calls.flatMap(({ requests }) => [...requests.values()]).filter(isMoving);
    return [
      ...deciding.map(({ client, call }) => `client ${client} call ${call} is deciding`),
      ...requests.map(({ name, stage }) => `${describeRequest(name)} is ${stage}`),
      ...[...this.#parting].map((name) => `only one side knows that ${name} is over`),
    ].join(", ");
  }

  #of(name: CallName): CallInFlight {
    const found = this.#calls.get(callKey(name));
    if (found === undefined) throw noSuchCall(name);
    return found;
  }

  #decides(call: CallInFlight, isDeciding: boolean): void {
    if (call.isDeciding !== isDeciding) this.#moving += isDeciding ? 1 : -1;
    call.isDeciding = isDeciding;
  }
}

function late(nowUs: number, dueUs: number): string {
  return `${(nowUs - dueUs) / 1000} ms late`;
}

function isMoving({ stage }: RequestInFlight): boolean {
  return stage !== "at the server";
}
