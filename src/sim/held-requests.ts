/** The requests above that the calls of a layer are made for, each with a worker that waits. */
import { outcomeOfStatus } from "../outcome.ts";
import { KeyedRandom } from "../random.ts";
import type { LayerSpec } from "../scenario.ts";
import { DROPPED } from "../server/refusal.ts";
import type { RemoteServer } from "../server/remote-server.ts";
import { ANSWERED } from "../server/server.ts";
import type { CallEnd, RequestEnd } from "../trace.ts";
import { callNumber } from "../traffic.ts";

export class HeldRequests {
  readonly #server: RemoteServer;
  readonly #above: HeldRequests | undefined;
  readonly #failure: RequestEnd;
  readonly #instances: KeyedRandom;
  readonly #callsOf: Int32Array;
  /** By slot of the call that is made for it. */
  readonly #requestOf: number[] = [];

  /** @param server whose workers wait @param above what the requests at that server are made for themselves */
  constructor(
    server: RemoteServer,
    above: HeldRequests | undefined,
    caller: LayerSpec["caller"],
    seed: number,
  ) {
    this.#server = server;
    this.#above = above;
    this.#failure = outcomeOfStatus(caller.failureStatus);
    this.#instances = new KeyedRandom(seed, "clients");
    this.#callsOf = new Int32Array(caller.instances);
  }

  /** Which instance has the request: a balancer spreads them, and a retry meets another one. */
  instanceOf(request: number): number {
    const { requests } = this.#server;
    const draw = this.#instances
      .key(
        requests.client(request),
        requests.call(request),
        requests.attempt(request),
        requests.part(request),
      )
      .next();
    return Math.floor(draw * this.#callsOf.length);
  }

  /** The number of the instance's next call. */
  nextCallOf(instance: number): number {
    return callNumber(0, ++this.#callsOf[instance]);
  }

  callStarted(slot: number, request: number): void {
    this.#requestOf[slot] = request;
  }

  /** An attempt of that call has a slot of its own. */
  attemptStarted(slot: number, call: number): void {
    this.#requestOf[slot] = this.#requestOf[call];
  }

  /** Whoever asked for it is told, and the worker goes on. */
  callEnded(atUs: number, slot: number, end: CallEnd): void {
    this.#server.resume(atUs, this.#requestOf[slot], this.#answerTo(end));
  }

  /** Whether nobody waits any more for what the call is part of. */
  isForNobody(slot: number): boolean {
    const request = this.#requestOf[slot];
    const { requests } = this.#server;
    return (
      !this.#server.holds(request) ||
      requests.hasLeft(request) ||
      (this.#above?.isForNobody(requests.owner(request)) ?? false)
    );
  }

  #answerTo(end: CallEnd): RequestEnd {
    if (end === "answered") return ANSWERED;
    return end === "dropped" ? DROPPED.end : this.#failure;
  }
}
