/** A server without a network: what is told to it, and what it says, in milliseconds. */
import { describeOutcome } from "../../src/outcome.ts";
import { defineScenario, type FaultSpec, type ServerSpec } from "../../src/scenario.ts";
import { Requests } from "../../src/server/requests.ts";
import { Server } from "../../src/server/server.ts";

export const SPEC: ServerSpec = {
  workers: [{ fromMs: 0, workers: 1 }],
  service: { distribution: "deterministic", meanMs: 10 },
  queue: { places: 2, order: "fifo" },
  rejection: { status: 503, costMs: 0 },
};

export class Reception {
  readonly requests = new Requests();
  readonly server: Server;
  /** `12 ms client 3: answered` */
  readonly log: string[] = [];
  #slots = new Map<number, number>();

  constructor(spec: Partial<ServerSpec> = {}, faults: readonly FaultSpec[] = [], seed = 1) {
    const scenario = defineScenario({
      name: "server",
      shows: "One server.",
      runMs: 1_000,
      tickUs: 1000,
      load: { kind: "herd", fromMs: 0, overMs: 0 },
      server: { ...SPEC, ...spec },
      faults,
    });
    this.server = new Server(scenario, seed, this.requests, {
      answer: (atUs, slot, end) => {
        const how =
          end.kind === "answered" || end.kind === "unfinished" ? end.kind : describeOutcome(end);
        this.log.push(`${atUs / 1000} ms client ${this.requests.client(slot)}: ${how}`);
        this.requests.done(slot);
      },
      served: (atUs, serviceUs, late) => {
        this.log.push(`${atUs / 1000} ms ${serviceUs / 1000} ms of ${late ? "late " : ""}work`);
      },
    });
    this.server.advance(0);
  }

  /** A first attempt of that client arrives. */
  arrive(atMs: number, ...clients: number[]): this {
    this.server.advance(atMs * 1000);
    for (const client of clients) {
      const slot = this.requests.open(client, 1, 1, 0, 0);
      this.#slots.set(client, slot);
      this.server.arrive(atMs * 1000, slot);
    }
    return this;
  }

  /** That client waits no longer; nobody tells the server. */
  leave(client: number): this {
    this.requests.leave(this.#slots.get(client) ?? -1);
    return this;
  }

  /** Answers only, without the work behind them. */
  answersUntil(atMs: number): string[] {
    return this.until(atMs).filter((line) => line.includes("client"));
  }

  until(atMs: number): string[] {
    this.server.advance(atMs * 1000);
    this.server.check(atMs * 1000);
    return this.log;
  }
}
