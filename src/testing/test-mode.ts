import type { DecisionRandom } from "../ask.ts";
import { type Check, type Checks, checkOptions } from "../check-options.ts";
import { KeyedRandom } from "../random.ts";
import { Client } from "../retry/client.ts";
import { clientsReplacedBy, replaceClients } from "../retry/mode.ts";
import { CallClock } from "./call-clock.ts";
import { lineOf, type RecordedDecision, recordOf } from "./recorded-decision.ts";
import { SkippingClock } from "./skipping-clock.ts";
import { TriedCall } from "./tried-call.ts";
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
 *   its deadline see an hour gone by. Attempts are real, and so are limits on them, session resets and the
 *   delays of hedges: what is skipped meanwhile, for another call, takes nothing from a call's deadline;
 * - no more than `attemptsMax` attempts a call, so that a test ends;
 * - seeded chance, and a state of its own for each client, which begins anew with the mode;
 * - a record of all decisions.
 *
 * The state of a policy sees the time of all calls: an hour that one waits moves the windows and the open
 * spans of every client. Calls that are running already go on as they were. No timer is used for waits, so
 * fake timers do not matter to them; nor does a client need the mode to be tested with fake timers:
 * `vi.useFakeTimers()` moves its waits as it moves all others.
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
 *
 * In a suite, `afterEach(() => mode.end())`: so it ends even when a test fails.
 */
export function testMode(options: TestModeOptions = {}): TestMode {
  checkOptions("options", options, CHECKS);
  if (clientsReplacedBy() !== undefined) {
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
  /** Those that the calls of a client share. */
  readonly #clients = new WeakMap<Client, Client>();
  readonly #replace = (client: Client) => this.#callOf(client);

  constructor({ attemptsMax = 10, seed = 1 }: TestModeOptions) {
    this.decisions = this.#decisions;
    this.#attemptsMax = attemptsMax;
    this.#seed = seed;
    replaceClients(this.#replace);
  }

  /** A sentence for each decision, for snapshots. */
  get lines(): readonly string[] {
    return this.#decisions.map(lineOf);
  }

  /** Clients are as they were before. Nothing more when it has ended already, whatever mode is on now. */
  end(): void {
    if (clientsReplacedBy() === this.#replace) replaceClients(undefined);
  }

  #sharedOf(client: Client): Client {
    const known = this.#clients.get(client) ?? new Client(client.options);
    this.#clients.set(client, known);
    return known;
  }

  #callOf(client: Client): Client {
    const shared = this.#sharedOf(client);
    const call = shared.nextCall();
    const { policy } = client.ask;
    const named = { client: client.id, call };
    const clock = new CallClock(this.#clock);
    const keyed = new KeyedRandom(this.#seed, "policy");
    const tried = triedPolicy(policy, {
      attemptsMax: this.#attemptsMax,
      behindMs: () => clock.behindMs,
      note: (event, decision) => {
        this.#decisions.push(recordOf(policy, named, event, decision));
      },
    });
    const random: DecisionRandom = (...key) => keyed.key(...key).next;
    return new TriedCall({ ...client.options, clock, random, policy: tried }, shared, call);
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
