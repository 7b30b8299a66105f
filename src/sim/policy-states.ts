/** The policy's state of every client, in one column of float64: 8 bytes a number, and no object a client. */
import type { NumericState, Policy } from "../policy.ts";
import type { Seats } from "./seats.ts";

export class PolicyStates {
  readonly clients: number;
  readonly #keys: readonly string[];
  readonly #numbers: Float64Array;
  readonly #window: StateWindow;
  /** Of no meaning; else the reading would be dropped. */
  readonly #touched = new Float64Array(1);
  readonly #places: Int32Array | undefined;
  readonly #has: ((client: number) => boolean) | undefined;

  constructor({ initial }: Policy, { clients, places, shared }: Seats) {
    this.clients = clients;
    this.#keys = Object.keys(initial);
    this.#window = windowOf(initial);
    this.#places = shared === undefined ? places : undefined;
    this.#has = shared?.has;
    this.#numbers = shared?.numbers ?? new Float64Array(clients * this.#keys.length);
    this.#begin(initial);
  }

  /** The client's state; valid until the next call of `of`, of these or any other states. */
  of(client: number): NumericState {
    // Written only when it changes: V8 has to note down who refers to what.
    if (this.#window.numbers !== this.#numbers) this.#window.numbers = this.#numbers;
    const place = this.#places === undefined ? client : this.#places[client];
    this.#window.from = place * this.#keys.length;
    return this.#window.state;
  }

  /** Reads the states of clients that will be asked for soon, or where they are, all at once: cache misses then overlap. */
  touch(ids: Int32Array, from: number, to: number): void {
    const width = this.#keys.length;
    const places = this.#places;
    let sum = 0;
    if (places !== undefined) for (let at = from + 1; at < to; at += 2) sum += places[ids[at]];
    else if (width > 0)
      for (let at = from + 1; at < to; at += 2) sum += this.#numbers[ids[at] * width];
    this.#touched[0] = sum;
  }

  /** The first number of the client's state, to have it at hand when the client is asked for; 0 if there is none. */
  peek(client: number): number {
    const place = this.#places === undefined ? client : this.#places[client];
    const width = this.#keys.length;
    return width === 0 ? 0 : this.#numbers[place * width];
  }

  /** Each number of the state as its mean over those who have one. */
  mean(): NumericState {
    const mean: NumericState = {};
    for (const [offset, key] of this.#keys.entries()) {
      let sum = 0;
      this.#forEach((from) => {
        sum += this.#numbers[from + offset];
      });
      mean[key] = sum / this.clients;
    }
    return mean;
  }

  #begin(initial: Readonly<NumericState>): void {
    const values = Object.values(initial);
    this.#forEach((from) => {
      for (let offset = 0; offset < values.length; offset++)
        this.#numbers[from + offset] = values[offset];
    });
  }

  /** Hands out where each state begins. */
  #forEach(visit: (from: number) => void): void {
    const width = this.#keys.length;
    if (width === 0) return;
    const has = this.#has;
    for (let place = 0; place * width < this.#numbers.length; place++) {
      if (has === undefined || has(place)) visit(place * width);
    }
  }
}

/** A state whose numbers lie elsewhere. */
interface StateWindow {
  numbers: Float64Array;
  from: number;
  readonly state: NumericState;
}

/** One for all policies that remember the same: code that was compiled for one of them then fits the others. */
const windows = new Map<string, StateWindow>();

function windowOf(initial: Readonly<NumericState>): StateWindow {
  const keys = Object.keys(initial);
  const name = JSON.stringify(keys);
  const known = windows.get(name);
  if (known !== undefined) return known;
  const state: NumericState = {};
  const window: StateWindow = { numbers: new Float64Array(0), from: 0, state };
  for (const [offset, key] of keys.entries()) {
    Object.defineProperty(state, key, {
      enumerable: true,
      get: () => window.numbers[window.from + offset],
      set: (value: number) => {
        window.numbers[window.from + offset] = value;
      },
    });
  }
  Object.seal(state);
  windows.set(name, window);
  return window;
}
