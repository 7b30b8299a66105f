/**
 * One client of the helper, with a policy state of its own, for each server that can be overloaded by
 * itself. A budget for all would let one server that is down take the retries of those that are well;
 * see the decision record 9.
 */
import { type Retry, uncheckedRetry } from "../retry/create-retry.ts";
import type { RetryOptions } from "../retry/options.ts";

/** So many are remembered; above it, whoever was idle for longest begins anew when it is needed again. */
const IDLE_MAX = 1000;

interface Client {
  readonly retry: Retry;
  calls: number;
}

export class Budgets {
  readonly #options: RetryOptions;
  /** The latest used last. */
  readonly #clients = new Map<string, Client>();
  #nextId: number;

  constructor(options: RetryOptions) {
    this.#options = options;
    this.#nextId = options.clientId ?? 0;
  }

  async use<T>(key: string, call: (retry: Retry) => Promise<T>): Promise<T> {
    const client = this.#clients.get(key) ?? this.#make();
    this.#clients.delete(key);
    this.#clients.set(key, client);
    client.calls++;
    try {
      return await call(client.retry);
    } finally {
      client.calls--;
      this.#forget();
    }
  }

  #make(): Client {
    const clientId = this.#nextId++;
    return { retry: uncheckedRetry({ ...this.#options, clientId }), calls: 0 };
  }

  /** Never one with calls: the same server would have two budgets. */
  #forget(): void {
    for (const [key, { calls }] of this.#clients) {
      if (this.#clients.size <= IDLE_MAX) return;
      if (calls === 0) this.#clients.delete(key);
    }
  }
}
