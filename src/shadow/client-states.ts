/** A state of the tried policy for each client, as `createFetch` keeps a client for each origin. */
import type { NumericState } from "../policy.ts";

/** As of the budgets of `createFetch`: above it, whoever was idle for longest begins anew. */
const IDLE_MAX = 1000;

interface Kept {
  readonly state: NumericState;
  calls: number;
}

export class ClientStates {
  readonly #initial: Readonly<NumericState>;
  /** The latest used last. */
  readonly #kept = new Map<number, Kept>();

  constructor(initial: Readonly<NumericState>) {
    this.#initial = initial;
  }

  /** For one call, until it is over. */
  begin(client: number): NumericState {
    const kept = this.#kept.get(client) ?? { state: { ...this.#initial }, calls: 0 };
    this.#kept.delete(client);
    this.#kept.set(client, kept);
    kept.calls++;
    return kept.state;
  }

  end(client: number): void {
    const kept = this.#kept.get(client);
    if (kept !== undefined) kept.calls--;
    for (const [id, { calls }] of this.#kept) {
      if (this.#kept.size <= IDLE_MAX) return;
      if (calls === 0) this.#kept.delete(id);
    }
  }
}
