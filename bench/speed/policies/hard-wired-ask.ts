/**
 * What a policy costs by being pluggable is measured against this: it stands in the place of
 * `src/ask.ts`, and has `budgeted(fullJitter())` built in. No event is filled in for anybody, no decision
 * is looked at twice, no state goes through a window; nothing else could be asked of it.
 */
import {
  type Ask,
  type AskCounts,
  type AskOptions,
  type Call,
  type DecisionRandom,
  noCounts,
} from "../../../src/ask.ts";
import type { Decision, NumericState } from "../../../src/policy.ts";

export * from "../../../src/ask.ts";

const ATTEMPTS_MAX = 3;
const DELAY_BASE_MS = 100;
const DELAY_MAX_MS = 20_000;
const TOKEN = 1_000;
const TOKENS_MAX = 10 * TOKEN;
const TOKENS_A_SUCCESS = TOKEN / 10;
const PURPOSE_FAILURE = 1;

const SEND: Decision = Object.freeze({ do: "send" });
const ATTEMPTS: Decision = Object.freeze({ do: "stop", why: "attempts" });
const BUDGET: Decision = Object.freeze({ do: "stop", why: "budget" });

type Asked = "start" | "failure" | "wake" | "success" | "abandon";

class HardWiredAsk implements Pick<Ask, "policy" | "counts" | Asked> {
  readonly policy: AskOptions["policy"];
  readonly counts: AskCounts;
  readonly #random: DecisionRandom;
  readonly #ticksAMs: number;
  readonly #wait = { do: "wait" as const, delayMs: 0 };
  #tokens = new Int32Array(1_024).fill(TOKENS_MAX);

  constructor({ policy, random, tickMs, counts = noCounts() }: AskOptions) {
    this.policy = policy;
    this.counts = counts;
    this.#random = random;
    this.#ticksAMs = Math.round(1 / tickMs);
  }

  start(call: Call, _state: NumericState, nowMs: number): Decision {
    if (call.client >= this.#tokens.length) this.#makeRoomFor(call.client);
    this.counts.calls++;
    call.startedMs = nowMs;
    call.deadlineMs = undefined;
    call.attempt = 1;
    this.counts.attempts++;
    return SEND;
  }

  failure(call: Call): Decision {
    const { client, attempt } = call;
    if (attempt >= ATTEMPTS_MAX) return ATTEMPTS;
    if (this.#tokens[client] < TOKEN) return BUDGET;
    const ceilingMs = Math.min(DELAY_MAX_MS, DELAY_BASE_MS * 2 ** (attempt - 1));
    const delayMs = ceilingMs * this.#random(client, call.call, attempt, PURPOSE_FAILURE)();
    this.#wait.delayMs = Math.max(1, Math.ceil(delayMs * this.#ticksAMs - 0.01)) / this.#ticksAMs;
    return this.#wait;
  }

  wake(call: Call): Decision {
    if (this.#tokens[call.client] < TOKEN) return BUDGET;
    this.#tokens[call.client] -= TOKEN;
    call.attempt++;
    this.counts.attempts++;
    this.counts.retries++;
    return SEND;
  }

  success(call: Call): void {
    const filled = this.#tokens[call.client] + TOKENS_A_SUCCESS;
    this.#tokens[call.client] = Math.min(TOKENS_MAX, filled);
  }

  abandon(): void {}

  #makeRoomFor(client: number): void {
    const tokens = new Int32Array(2 * client).fill(TOKENS_MAX);
    tokens.set(this.#tokens);
    this.#tokens = tokens;
  }
}

export { HardWiredAsk as Ask };
