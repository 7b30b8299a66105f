/**
 * Feature flags that clients fetch: each knows them as its last successful fetch brought them. When the
 * server that serves the flags is the one in trouble, the change that would help does not get through: on
 * 15 January 2021 it answered Signal's clients 502 (signalapp/Signal-Desktop#2036).
 */
import { type FlagChange, realChanges } from "./flags.ts";
import type { Flags } from "./policy.ts";
import { KeyedRandom } from "./random.ts";

export interface FetchedFlagsOptions {
  readonly clients: number;
  /** How old a client's flags may be when it begins a call. */
  readonly refreshMs: number;
  readonly seed: number;
}

export class FetchedFlags {
  readonly #changes: readonly FlagChange[];
  readonly #refreshMs: number;
  /** By client: when the last fetch that succeeded came back, and as of when its flags are. */
  readonly #fetchedMs: Float64Array;
  readonly #asOfMs: Float64Array;
  /** By name and client: when its value came to be known; NaN: it was never another. */
  readonly #learnedMs: ReadonlyMap<string, Float64Array>;
  readonly #view: FetchedView;

  /**
   * As the run begins, every client knows the flags of moment 0, from a fetch at a uniformly drawn moment
   * of the `refreshMs` before.
   */
  constructor(changes: readonly FlagChange[], { clients, refreshMs, seed }: FetchedFlagsOptions) {
    const random = new KeyedRandom(seed, "flags");
    this.#changes = realChanges(changes);
    this.#refreshMs = refreshMs;
    this.#asOfMs = new Float64Array(clients);
    this.#fetchedMs = Float64Array.from(
      { length: clients },
      (_, client) => -random.key(client, 0, 0).next() * refreshMs,
    );
    const names = new Set(this.#changes.map(({ name }) => name));
    this.#learnedMs = new Map(
      [...names].map((name) => [name, new Float64Array(clients).fill(Number.NaN)]),
    );
    this.#view = new FetchedView(this);
  }

  /** The flags as that client knows them; valid until the next call of `of`. */
  of(client: number): Flags {
    this.#view.client = client;
    return this.#view;
  }

  isStale(client: number, nowMs: number): boolean {
    return nowMs - this.#fetchedMs[client] >= this.#refreshMs;
  }

  /** A fetch has brought that client the flags as they stood at `asOfMs`. */
  learn(client: number, nowMs: number, asOfMs: number): void {
    for (const [name, learnedMs] of this.#learnedMs) {
      const known = this.#value(name, this.#asOfMs[client]);
      if (this.#value(name, asOfMs) !== known) learnedMs[client] = nowMs;
    }
    this.#asOfMs[client] = asOfMs;
    this.#fetchedMs[client] = nowMs;
  }

  /** What that client holds the flag for; undefined: it does not know it. */
  valueOf(client: number, name: string): boolean | number | undefined {
    return this.#value(name, this.#asOfMs[client]);
  }

  changedAtMs(client: number, name: string): number | undefined {
    const learnedMs = this.#learnedMs.get(name)?.[client] ?? Number.NaN;
    return Number.isNaN(learnedMs) ? undefined : learnedMs;
  }

  #value(name: string, asOfMs: number): boolean | number | undefined {
    return this.#changes.findLast((change) => change.name === name && change.atMs <= asOfMs)?.value;
  }
}

class FetchedView implements Flags {
  client = 0;
  readonly #flags: FetchedFlags;

  constructor(flags: FetchedFlags) {
    this.#flags = flags;
  }

  boolean(name: string, fallback: boolean): boolean {
    const value = this.#flags.valueOf(this.client, name);
    return typeof value === "boolean" ? value : fallback;
  }

  number(name: string, fallback: number): number {
    const value = this.#flags.valueOf(this.client, name);
    return typeof value === "number" ? value : fallback;
  }

  changedAtMs(name: string): number | undefined {
    return this.#flags.changedAtMs(this.client, name);
  }
}
