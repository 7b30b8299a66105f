/**
 * Requests for flags, beside those of calls: a client sends one when it begins a call and its flags are
 * old, one at a time, and does not wait for it. If it fails, the next call asks again.
 */
import type { EventQueue } from "../events/event-queue.ts";
import type { FetchedFlags } from "../fetched-flags.ts";
import type { Outcome } from "../policy.ts";
import { FLAGS_REQUEST } from "../request-name.ts";
import type { Scenario } from "../scenario.ts";
import type { RemoteServer } from "../server/remote-server.ts";
import { roundUpToTick } from "../ticks.ts";
import type { RequestEnd, Trace } from "../trace.ts";

/** Owns requests that are no call's. */
export const FLAG_FETCHES = -1;

export interface FlagFetchesWorld {
  readonly flagsOf: (client: number) => FetchedFlags | undefined;
  readonly remote: RemoteServer;
  readonly timeouts: EventQueue;
  readonly trace: Trace;
}

export class FlagFetches {
  readonly #flagsOf: FlagFetchesWorld["flagsOf"];
  readonly #remote: RemoteServer;
  readonly #timeouts: EventQueue;
  readonly #trace: Trace;
  readonly #timeoutUs: number;
  readonly #networkUs: number;
  /** By client, the call that its request in flight was sent before; 0: none is in flight. */
  readonly #beforeCall: Int32Array;

  constructor({ clients, networkMs, tickUs }: Scenario, world: FlagFetchesWorld) {
    this.#flagsOf = world.flagsOf;
    this.#remote = world.remote;
    this.#timeouts = world.timeouts;
    this.#trace = world.trace;
    this.#timeoutUs = roundUpToTick(clients.timeoutMs * 1000, tickUs);
    this.#networkUs = roundUpToTick(networkMs * 1000, tickUs);
    this.#beforeCall = new Int32Array(clients.count);
  }

  callBegins(nowUs: number, client: number, call: number): void {
    const flags = this.#flagsOf(client);
    if (this.#beforeCall[client] > 0 || !flags?.isStale(client, nowUs / 1000)) return;
    this.#beforeCall[client] = call;
    this.#trace.flagsRequested(nowUs, client, call);
    const { requests } = this.#remote;
    const { attempt, part } = FLAGS_REQUEST;
    const request = requests.open(client, call, attempt, part, FLAG_FETCHES);
    const limitUs = nowUs + this.#timeoutUs;
    requests.setLimitUs(request, limitUs);
    this.#timeouts.push(limitUs, request);
    this.#remote.send(nowUs, request);
  }

  answered(nowUs: number, request: number, end: RequestEnd): void {
    const client = this.#remote.requests.client(request);
    this.#end(nowUs, client, end);
    if (end.kind !== "answered") return;
    this.#flagsOf(client)?.learn(client, nowUs / 1000, (nowUs - this.#networkUs) / 1000);
  }

  timedOut(nowUs: number, request: number): void {
    this.#remote.requests.leave(request);
    this.#end(nowUs, this.#remote.requests.client(request), TIMEOUT);
  }

  endUnfinished(endUs: number): void {
    for (const [client, call] of this.#beforeCall.entries()) {
      if (call > 0) this.#end(endUs, client, UNFINISHED);
    }
  }

  #end(nowUs: number, client: number, end: RequestEnd): void {
    this.#trace.flagsRequestEnded(nowUs, client, this.#beforeCall[client], end);
    this.#beforeCall[client] = 0;
  }
}

const TIMEOUT: Outcome = Object.freeze({ kind: "timeout" });
const UNFINISHED = Object.freeze({ kind: "unfinished" });
