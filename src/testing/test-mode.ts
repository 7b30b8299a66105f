import { type Check, type Checks, checkOptions } from "../check-options.ts";
import { KeyedRandom } from "../random.ts";
import { Client } from "../retry/client.ts";
import { areClientsReplaced, replaceClients } from "../retry/mode.ts";
import { lineOf, type RecordedDecision, recordOf } from "./recorded-decision.ts";
import { SkippingClock } from "./skipping-clock.ts";
import { triedPolicy } from "./tried-policy.ts";

export interface TestModeOptions {
  /** Of one call, the first included, whatever its policy says; 1 is no retries. Default: 10. */
  readonly attemptsMax?: number;
  /** Of all chance: the same seed draws the same waits. A whole number ≥ 0. Default: 1. */
  readonly seed?: number;
}

/**
 * Puts every retry client of this process, wherever it was or will be made, into test mode until its end:
 *
 * - no waits: the clock skips them, so a call that would wait for an hour ends at once, and its policy and
 *   its deadline see an hour gone by. Limits on attempts stay real, as attempts do;
 * - no more than `attemptsMax` attempts a call, so that a test ends;
 * - seeded chance, and a state of its own for each client, which begins anew with the mode;
 * - a record of all decisions.
 *
 * Calls that are running already go on as they were. No timer is used, so fake timers do not matter; nor
 * does a client need the mode to be tested with fake timers: `vi.useFakeTimers()` moves its waits as it
 * moves all others.
 *
 * @throws {TypeError} when an option is wrong
 * @throws {Error} when the mode is on already
 * @example
 * ```ts
 * import { retry } from "stormproof";
 * import { testMode } from "stormproof/testing";
 *
 * const mode = testMode();
 * const busy = () => Promise.reject(Object.assign(new Error("busy"), { status: 503 }));
 * const error = await retry(busy).catch((error) => error);
 * mode.end();
 *
 * error.attempts; // => 3
 * mode.lines[1]; // => "call 1, failure of attempt 1 (rejected 503): wait 11 ms"
 * ```
 */
export function testMode(options: TestModeOptions = {}): TestMode {
  checkOptions("options", options, CHECKS);
  if (areClientsReplaced()) {
    throw new Error("Expected test mode to be off, but it is on. End it first: `mode.end()`.");
  }
  return new TestMode(options);
}

export type { TestMode };

/** What `testMode` returns: the decisions that were made, and how to end it. */
class TestMode {
  /** Every decision since the mode began, in order. */
  readonly decisions: readonly RecordedDecision[];
  readonly #decisions: RecordedDecision[] = [];
  readonly #attemptsMax: number;
  readonly #seed: number;
  readonly #clock = new SkippingClock();
  readonly #clients = new WeakMap<Client, Client>();

  constructor({ attemptsMax = 10, seed = 1 }: TestModeOptions) {
    this.decisions = this.#decisions;
    this.#attemptsMax = attemptsMax;
    this.#seed = seed;
    replaceClients((client) => this.#standInFor(client));
  }

  /** A sentence for each decision, for snapshots. */
  get lines(): readonly string[] {
    return this.#decisions.map(lineOf);
  }

  /** Clients are as they were before. */
  end(): void {
    replaceClients(undefined);
  }

  #standInFor(client: Client): Client {
    const known = this.#clients.get(client);
    if (known !== undefined) return known;
    const standIn = this.#make(client);
    this.#clients.set(client, standIn);
    return standIn;
  }

  #make(client: Client): Client {
    const { policy } = client.ask;
    const keyed = new KeyedRandom(this.#seed, "policy");
    let call = 0;
    return new Client({
      ...client.options,
      clock: this.#clock,
      // `Ask` draws for a decision just before it asks for it.
      random: (...key) => {
        call = key[1];
        return keyed.key(...key).next;
      },
      policy: triedPolicy(policy, this.#attemptsMax, (event, decision) => {
        this.#decisions.push(recordOf(policy, call, event, decision));
      }),
    });
  }
}

const COUNT: Check = [
  "a whole number ≥ 1",
  (value) => Number.isSafeInteger(value) && Number(value) >= 1,
];

const CHECKS: Checks<TestModeOptions> = {
  attemptsMax: COUNT,
  seed: ["a whole number ≥ 0", (value) => Number.isSafeInteger(value) && Number(value) >= 0],
};
