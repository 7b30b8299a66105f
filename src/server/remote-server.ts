/** The server as its clients meet it: a network delay away. It keeps the order of events within a tick. */
import { Agenda, type AgendaPlace } from "../events/agenda.ts";
import { EventQueue } from "../events/event-queue.ts";
import type { Scenario } from "../scenario.ts";
import { roundUpToTick } from "../ticks.ts";
import type { RequestEnd } from "../trace.ts";
import { Requests } from "./requests.ts";
import { SERVER_PLACES, Server, type ServerOutput } from "./server.ts";

/** On an agenda: those of the server, then arrivals at it, then answers at clients. */
export const REMOTE_PLACES = SERVER_PLACES + 2;
/** Of these, the last. */
export const ANSWERS = REMOTE_PLACES - 1;

export class RemoteServer {
  readonly requests = new Requests();
  readonly #server: Server;
  readonly #networkUs: number;
  readonly #arriving: EventQueue;
  readonly #returning: EventQueue;
  readonly #endOf: RequestEnd[] = [];

  constructor(
    scenario: Pick<Scenario, "server" | "faults" | "tickUs" | "networkMs">,
    seed: number,
    served: ServerOutput["served"],
    { agenda, place }: AgendaPlace = { agenda: new Agenda(REMOTE_PLACES), place: 0 },
    hold?: ServerOutput["hold"],
  ) {
    const { networkMs, tickUs } = scenario;
    const { precedes } = this.requests;
    this.#arriving = new EventQueue(precedes, { agenda, place: place + ANSWERS - 1 });
    this.#returning = new EventQueue(precedes, { agenda, place: place + ANSWERS });
    this.#networkUs = roundUpToTick(networkMs * 1000, tickUs);
    const output: ServerOutput = {
      answer: (atUs, slot, end) => this.#return(atUs, slot, end),
      served,
      hold,
    };
    this.#server = new Server(scenario, seed, this.requests, output, { agenda, place });
  }

  /** A client sends; the request was opened in `requests`. */
  send(atUs: number, slot: number): void {
    if (this.#server.loses(slot, "request")) this.requests.done(slot);
    else this.#arriving.push(atUs + this.#networkUs, slot);
  }

  /** When something happens next, at the server or at a client that gets an answer. */
  nextAtUs(): number {
    return Math.min(this.nextAtServerUs(), this.nextAnswerUs());
  }

  nextAtServerUs(): number {
    return Math.min(this.#server.nextAtUs(), this.#arriving.nextAtUs());
  }

  nextAnswerUs(): number {
    return this.#returning.nextAtUs();
  }

  /** The server's part of a tick: faults and capacity changes, finishes, arrivals. */
  advance(atUs: number): void {
    this.#server.advance(atUs);
    while (this.#arriving.nextAtUs() <= atUs) {
      this.#server.arrive(atUs, this.#arriving.pop());
    }
  }

  /**
   * The next answer that has reached its client, or -1; `endOf` says how. The caller tells `requests`
   * that the server is `done` with it.
   */
  takeAnswer(atUs: number): number {
    if (this.#returning.nextAtUs() > atUs) return -1;
    return this.#returning.pop();
  }

  endOf(slot: number): RequestEnd {
    return this.#endOf[slot];
  }

  /** See `Server`. */
  holds(slot: number): boolean {
    return this.#server.holds(slot);
  }

  /** See `Server`. */
  resume(atUs: number, slot: number, end: RequestEnd): void {
    this.#server.resume(atUs, slot, end);
  }

  /** @throws {Error} when the server's books do not balance */
  check(endUs: number): void {
    this.#server.check(endUs);
  }

  #return(atUs: number, slot: number, end: RequestEnd): void {
    if (this.requests.hasLeft(slot) || this.#server.loses(slot, "answer")) {
      this.requests.done(slot);
      return;
    }
    this.#endOf[slot] = end;
    this.#returning.push(atUs + this.#networkUs, slot);
  }
}
