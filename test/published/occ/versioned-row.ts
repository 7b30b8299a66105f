/**
 * One row under optimistic concurrency control, and clients that each want to write it once: read the
 * version, write if it is still the same, otherwise back off and read again. The server has no cost and
 * no limit; every message takes |Normal(10 ms, 2 ms)|. The model of Brooker, "Exponential Backoff And
 * Jitter", AWS 2015 (aws-samples/aws-arch-backoff-simulator@66cb169), with our policies and event set.
 */
import normalQuantile from "@stdlib/stats-base-dists-normal-quantile";
import { Ask, Call, NO_FLAGS } from "../../../src/ask.ts";
import { EventQueue } from "../../../src/events/event-queue.ts";
import type { Decision, NumericState, Outcome, Policy } from "../../../src/policy.ts";
import { KeyedRandom } from "../../../src/random.ts";

export interface Contention {
  /** When the last message arrived. */
  readonly lastMs: number;
  /** Writes that reached the server; reads are not counted. */
  readonly writes: number;
}

export function contend(clients: number, policy: Policy, seed: number): Contention {
  return new Row(clients, policy, seed).run();
}

class Row {
  readonly #messages = new Messages();
  readonly #network: KeyedRandom;
  readonly #ask: Ask;
  readonly #calls: readonly Call[];
  readonly #states: readonly NumericState[];
  /** What each client read last. */
  readonly #versionRead: Int32Array;
  #version = 0;
  #writes = 0;

  constructor(clients: number, policy: Policy, seed: number) {
    const draws = new KeyedRandom(seed, "policy");
    this.#network = new KeyedRandom(seed, "network");
    this.#ask = new Ask({
      policy,
      random: (client, call, attempt, purpose) => draws.key(client, call, attempt, purpose).next,
      tickMs: 0.001,
    });
    this.#calls = Array.from({ length: clients }, (_, client) => newCall(client));
    this.#states = this.#calls.map(() => ({ ...policy.initial }));
    this.#versionRead = new Int32Array(clients);
  }

  run(): Contention {
    for (const [client, call] of this.#calls.entries()) {
      this.#follow(0, client, this.#ask.start(call, this.#states[client], 0, NO_FLAGS));
    }
    let lastUs = 0;
    for (let next = this.#messages.take(); next !== undefined; next = this.#messages.take()) {
      lastUs = next.atUs;
      this.#step(next);
    }
    return { lastMs: lastUs / 1000, writes: this.#writes };
  }

  #step({ atUs, client, kind }: Message): void {
    const call = this.#calls[client];
    const state = this.#states[client];
    switch (kind) {
      case "read":
        this.#versionRead[client] = this.#version;
        this.#send(atUs, client, "version");
        return;
      case "version":
        this.#send(atUs, client, "write");
        return;
      case "write": {
        this.#writes++;
        const isWritten = this.#versionRead[client] === this.#version;
        if (isWritten) this.#version++;
        this.#send(atUs, client, isWritten ? "written" : "conflict");
        return;
      }
      case "written":
        this.#ask.success(call, state, atUs / 1000, NO_FLAGS);
        return;
      case "conflict": {
        const decision = this.#ask.failure(call, state, atUs / 1000, NO_FLAGS, CONFLICT);
        this.#follow(atUs, client, decision);
        return;
      }
      case "wake":
        this.#follow(atUs, client, this.#ask.wake(call, state, atUs / 1000, NO_FLAGS));
    }
  }

  #follow(atUs: number, client: number, decision: Decision): void {
    if (decision.do === "send") this.#send(atUs, client, "read");
    if (decision.do === "wait") {
      this.#messages.put(atUs + Math.round(decision.delayMs * 1000), client, "wake");
    }
  }

  #send(atUs: number, client: number, kind: Kind): void {
    const draw = this.#network.key(client, this.#calls[client].attempt, KINDS.indexOf(kind)).next();
    const delayMs = Math.abs(normalQuantile(draw, 10, 2));
    this.#messages.put(atUs + Math.max(1, Math.round(delayMs * 1000)), client, kind);
  }
}

const CONFLICT: Outcome = { kind: "rejected", status: 409 };

/** As they arrive: at the server, at the client, and from the client's own clock. */
const KINDS = ["read", "version", "write", "written", "conflict", "wake"] as const;
type Kind = (typeof KINDS)[number];

interface Message {
  readonly atUs: number;
  readonly client: number;
  readonly kind: Kind;
}

/** Messages under way, on the simulator's event set; a client never has two. */
class Messages {
  readonly #queue = new EventQueue((id, other) => id <= other);

  put(atUs: number, client: number, kind: Kind): void {
    this.#queue.push(atUs, client * KINDS.length + KINDS.indexOf(kind));
  }

  take(): Message | undefined {
    const atUs = this.#queue.nextAtUs();
    if (atUs === Infinity) return undefined;
    const id = this.#queue.pop();
    return { atUs, client: Math.floor(id / KINDS.length), kind: KINDS[id % KINDS.length] };
  }
}

function newCall(client: number): Call {
  const call = new Call();
  call.client = client;
  call.call = 1;
  return call;
}
