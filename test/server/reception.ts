/** A server without a network: what is told to it, and what it says, in milliseconds. */
import { defineScenario, type FaultSpec, type ServerSpec } from "../../src/scenario.ts";
import { Requests } from "../../src/server/requests.ts";
import { Server } from "../../src/server/server.ts";
import { describeEnd } from "../../src/trace.ts";

export const SPEC: ServerSpec = {
  workers: [{ fromMs: 0, workers: 1 }],
  service: { distribution: "deterministic", meanMs: 10 },
  queue: { places: 2, order: "fifo" },
  rejection: { status: 503, costMs: 0 },
};

interface RequestOptions {
  readonly call?: number;
  readonly attempt?: number;
  readonly part?: number;
  readonly limitMs?: number;
}

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
        const client = this.requests.client(slot);
        this.log.push(`${atUs / 1000} ms client ${client}: ${describeEnd(end)}`);
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
    for (const client of clients) this.request(atMs, client);
    return this;
  }

  /** One request of that client's first call arrives; until `limitMs` its caller waits. */
  request(
    atMs: number,
    client: number,
    { call = 1, attempt = 1, part = 0, limitMs = Infinity }: RequestOptions = {},
  ): this {
    this.server.advance(atMs * 1000);
    const slot = this.requests.open(client, call, attempt, part, 0);
    this.requests.setLimitUs(slot, limitMs * 1000);
    this.#slots.set(client, slot);
    this.server.arrive(atMs * 1000, slot);
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
