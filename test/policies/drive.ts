/** Drives one client's policy by hand: real `Ask`, keyed draws, time that only the test moves. */
import { Ask, Call, NO_FLAGS } from "../../src/ask.ts";
import { askHedge } from "../../src/hedge.ts";
import type { Decision, Flags, NumericState, Outcome, Policy } from "../../src/policy.ts";
import { KeyedRandom } from "../../src/random.ts";

export const TIMEOUT: Outcome = { kind: "timeout" };
export const REJECTED: Outcome = { kind: "rejected", status: 503 };

export const rejectedFor = (retryAfterMs: number): Outcome => ({ ...REJECTED, retryAfterMs });

export class Client {
  readonly state: NumericState;
  readonly #ask: Ask;
  readonly #client: number;
  #calls = 0;
  nowMs: number;
  flags: Flags = NO_FLAGS;

  constructor(policy: Policy, { seed = 1, client = 0, nowMs = 0, tickMs = 1 } = {}) {
    const keyed = new KeyedRandom(seed, "policy");
    const random = (of: number, call: number, attempt: number, purpose: number) =>
      keyed.key(of, call, attempt, purpose).next;
    this.#ask = new Ask({ policy, random, tickMs });
    this.#client = client;
    this.nowMs = nowMs;
    this.state = { ...policy.initial };
  }

  /** Begins a call; its first attempt is in flight if the decision is to send. */
  begin(deadlineMs?: number): Begun {
    const call = new Call();
    call.client = this.#client;
    call.call = this.#calls++;
    return new Begun(this, this.#ask, call, deadlineMs);
  }

  get counts() {
    return this.#ask.counts;
  }
}

export class Begun {
  readonly #client: Client;
  readonly #ask: Ask;
  readonly call: Call;
  last: Decision;

  constructor(client: Client, ask: Ask, call: Call, deadlineMs: number | undefined) {
    this.#client = client;
    this.#ask = ask;
    this.call = call;
    this.last = ask.start(call, client.state, client.nowMs, client.flags, deadlineMs);
  }

  /** The attempt in flight fails now. */
  fail(outcome: Outcome): Decision {
    const { state, nowMs, flags } = this.#client;
    this.last = this.#ask.failure(this.call, state, nowMs, flags, outcome);
    return this.last;
  }

  /** A wake now, due or not. */
  wake(): Decision {
    const { state, nowMs, flags } = this.#client;
    this.last = this.#ask.wake(this.call, state, nowMs, flags);
    return this.last;
  }

  /** Asked now whether to hedge; answers are not kept in `last`. */
  hedge(): Decision {
    const { state, nowMs, flags } = this.#client;
    return askHedge(this.#ask, this.call, state, nowMs, flags);
  }

  succeed(): void {
    const { state, nowMs, flags } = this.#client;
    this.#ask.success(this.call, state, nowMs, flags);
  }

  abandon(during: "wait" | "attempt"): void {
    const { state, nowMs, flags } = this.#client;
    this.#ask.abandon(this.call, state, nowMs, flags, during);
  }

  /** Fails the attempt in flight and lets all the waiting pass: how long it was, and how it ended. */
  failAndWait(outcome: Outcome): { waitedMs: number; decision: Decision } {
    const fromMs = this.#client.nowMs;
    let decision = this.fail(outcome);
    while (decision.do === "wait") {
      this.#client.nowMs += decision.delayMs;
      decision = this.wake();
    }
    return { waitedMs: this.#client.nowMs - fromMs, decision };
  }
}
