/**
 * One client of the helper, with a policy state of its own, for each server that can be overloaded by
 * itself. A budget for all would let one server that is down take the retries of those that are well;
 * see the decision record 9.
 */
import { type Retry, uncheckedRetry } from "../retry/create-retry.ts";
import { KeptInUse } from "../retry/kept-in-use.ts";
import type { RetryOptions } from "../retry/options.ts";

export class Budgets {
  readonly #clients: KeptInUse<string, Retry>;

  constructor(options: RetryOptions) {
    let clientId = options.clientId ?? 0;
    this.#clients = new KeptInUse(() => uncheckedRetry({ ...options, clientId: clientId++ }));
  }

  async use<T>(key: string, call: (retry: Retry) => Promise<T>): Promise<T> {
    const retry = this.#clients.begin(key);
    try {
      return await call(retry);
    } finally {
      this.#clients.end(key);
    }
  }
}
