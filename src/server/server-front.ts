/**
 * The server model as real requests meet it: a request becomes an entry of the model's books, the model's
 * answer the request's end. It has no time of its own: `SelfDrivenServer` and the MSW lane each bring one.
 */

import type { RequestName } from "../request-name.ts";
import type { Scenario } from "../scenario.ts";
import type { RequestEnd } from "../trace.ts";
import { RemoteServer } from "./remote-server.ts";

export type ServerScenario = Pick<Scenario, "server" | "faults" | "tickUs" | "networkMs">;

interface Waiting {
  readonly name: RequestName;
  readonly answer: (end: RequestEnd) => void;
}

export class ServerFront {
  readonly #remote: RemoteServer;
  readonly #left: (name: RequestName) => void;
  /** By slot of the model's books: the requests whose clients still wait. */
  readonly #waiting = new Map<number, Waiting>();

  /** `left` hears of each client that closes the connection before it has an answer. */
  constructor(
    scenario: ServerScenario,
    seed: number,
    served: (atUs: number, serviceUs: number, late: boolean) => void,
    left: (name: RequestName) => void,
  ) {
    this.#remote = new RemoteServer(scenario, seed, served);
    this.#left = left;
  }

  /** How many clients wait for an answer. */
  get waiting(): number {
    return this.#waiting.size;
  }

  /** A request has left its client; resolves when the answer has reached it, and never if the client leaves. */
  receive(atUs: number, name: RequestName, left: AbortSignal): Promise<RequestEnd> {
    const { requests } = this.#remote;
    const slot = requests.open(name.client, name.call, name.attempt, name.part, 0);
    requests.setLimitUs(slot, atUs + (name.limitMs ?? Infinity) * 1000);
    this.#remote.send(atUs, slot);
    return new Promise((resolve) => {
      const onLeft = () => {
        this.#waiting.delete(slot);
        requests.leave(slot);
        this.#left(name);
      };
      const answer = (end: RequestEnd) => {
        left.removeEventListener("abort", onLeft);
        resolve(end);
      };
      this.#waiting.set(slot, { name, answer });
      left.addEventListener("abort", onLeft, { once: true });
    });
  }

  nextAtUs(): number {
    return this.#remote.nextAtUs();
  }

  /** The server's part of a tick. */
  advance(atUs: number): void {
    this.#remote.advance(atUs);
  }

  /** Gives the next client whose answer is due its answer, and says who and what; undefined when none is. */
  answerNext(atUs: number): { readonly name: RequestName; readonly end: RequestEnd } | undefined {
    const { requests } = this.#remote;
    for (;;) {
      const slot = this.#remote.takeAnswer(atUs);
      if (slot < 0) return undefined;
      const waiting = this.#waiting.get(slot);
      requests.done(slot);
      if (waiting === undefined) continue;
      this.#waiting.delete(slot);
      const end = this.#remote.endOf(slot);
      requests.leave(slot);
      waiting.answer(end);
      return { name: waiting.name, end };
    }
  }

  /** @throws {Error} when the server's books do not balance */
  check(endUs: number): void {
    this.#remote.check(endUs);
  }
}
