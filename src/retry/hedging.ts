/** stormproof/hedging: what a client needs whose policy hedges. */
import { askHedge, hedgeInTicks } from "../hedge.ts";
import { failedTogether } from "../outcome.ts";
import type { Decision, Outcome, Send } from "../policy.ts";
import type { Client } from "./client.ts";
import { ALL_FAILED, race } from "./race.ts";
import { ANSWERED, RunningCall } from "./running-call.ts";
import type { Work } from "./work.ts";

/** A call of which several attempts may be in flight. */
class HedgingCall<T> extends RunningCall<T> {
  readonly #client: Client;
  readonly #mayHedge: boolean;
  /** When each attempt of the race was sent; undefined while one attempt is in flight at most. */
  #sentMs: Map<Work, number> | undefined;
  #tellSent = (_work: Work) => {};
  /** How the attempts of the race have failed so far, and the last of them. */
  #failure: Outcome | undefined;
  #error: unknown;
  /** Of the last attempt to end. */
  #endedSentMs: number | undefined;

  constructor(...[client, call, options]: ConstructorParameters<typeof RunningCall<T>>) {
    super(client, call, options);
    this.#client = client;
    this.#mayHedge = options.hedges !== false && options.repeatable !== false;
  }

  protected override begin(first: Send): T | PromiseLike<T> {
    this.#sentMs = undefined;
    const send = hedgeInTicks(this.#client.ask, first);
    if (send.hedgeAfterMs === undefined || !this.#mayHedge) return super.begin(send);
    this.#sentMs = new Map();
    this.#failure = undefined;
    this.isCuttable = true;
    return race(send, {
      begin: (send, sent) => {
        this.#tellSent = sent;
        return super.begin(send);
      },
      onInterrupt: (cut) => this.onInterrupt(cut),
      sleep: (delayMs, signal) => this.#client.clock.sleep(delayMs, signal),
      hedge: () => this.#hedge(),
      failed: (error, work) => this.#failed(error, work).kind === "fatal",
      ended: (work, end) => {
        if (end === ANSWERED) this.#endedSentMs = this.#sentMs?.get(work);
        this.report?.tell("attemptEnded", { attempt: work.attempt, end });
      },
    });
  }

  protected override watch(work: Work): void {
    // A session reset is nobody's rival.
    if (this.#sentMs === undefined || !this.isSent) {
      super.watch(work);
      return;
    }
    this.#sentMs.set(work, this.ask.record.waitFromMs);
    this.#tellSent(work);
  }

  protected override answered(): void {
    if (this.#sentMs === undefined) super.answered();
    else this.ask.success(this.#endedSentMs);
  }

  protected override failed(error: unknown): Decision {
    if (this.#sentMs === undefined) return super.failed(error);
    if (error !== ALL_FAILED || this.#failure === undefined) throw error;
    return this.decide(this.#failure, this.#error, this.#endedSentMs);
  }

  #hedge(): Decision {
    const { ask, state, clock, flags } = this.#client;
    return askHedge(ask, this.ask.record, state, clock.nowMs(), flags.current());
  }

  #failed(error: unknown, work: Work | undefined): Outcome {
    const outcome = this.note(error, work?.attempt ?? this.attempt);
    this.#failure = failedTogether(this.#failure, outcome);
    this.#error = error;
    this.#endedSentMs = work && this.#sentMs?.get(work);
    return outcome;
  }
}

/**
 * Makes calls that can have several attempts in flight, of which the first answer counts. Apart from the
 * rest, so that only apps that hedge ship it.
 *
 * @example
 * ```ts
 * import { createRetry } from "stormproof";
 * import { hedging } from "stormproof/hedging";
 * import { budgeted, fullJitter, hedged } from "stormproof/policies";
 *
 * const retry = createRetry({ policy: budgeted(hedged(fullJitter())), hedging });
 * await retry(({ attempt }) => `attempt ${attempt}`); // => "attempt 1"
 * ```
 */
export const hedging: typeof RunningCall = HedgingCall;
