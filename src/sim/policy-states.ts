/** The policy's state of every client, in one column of float64: 8 bytes a number, and no object a client. */
import type { NumericState } from "../policy.ts";

export class PolicyStates {
  readonly #columns: Float64Array;
  readonly #width: number;
  readonly #view: NumericState = {};
  #base = 0;

  constructor(initial: Readonly<NumericState>, clients: number) {
    const keys = Object.keys(initial);
    this.#width = keys.length;
    this.#columns = new Float64Array(clients * keys.length);
    for (const [offset, key] of keys.entries()) {
      for (let client = 0; client < clients; client++) {
        this.#columns[client * this.#width + offset] = initial[key];
      }
      Object.defineProperty(this.#view, key, {
        enumerable: true,
        get: () => this.#columns[this.#base + offset],
        set: (value: number) => {
          this.#columns[this.#base + offset] = value;
        },
      });
    }
    Object.seal(this.#view);
  }

  /** The client's state; valid until the next call of `of`. */
  of(client: number): NumericState {
    this.#base = client * this.#width;
    return this.#view;
  }

  /** Each number of the state as its mean over clients. */
  mean(): NumericState {
    const clients = this.#columns.length / this.#width;
    const mean: NumericState = {};
    for (const [offset, key] of Object.keys(this.#view).entries()) {
      let sum = 0;
      for (let client = 0; client < clients; client++) {
        sum += this.#columns[client * this.#width + offset];
      }
      mean[key] = sum / clients;
    }
    return mean;
  }
}
