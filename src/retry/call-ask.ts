/** `Ask` for one call: adds its record, its client's state, the time and the flags to every question. */
import { Call, sinceMs } from "../ask.ts";
import type { Abandon, Decision, Outcome } from "../policy.ts";
import type { Client } from "./client.ts";

export class CallAsk {
  readonly #client: Client;
  readonly record = new Call();

  constructor(client: Client, call: number) {
    this.#client = client;
    this.record.client = client.id;
    this.record.call = call;
  }

  /** Attempts that the policy has let go. */
  get attempts(): number {
    return this.record.attempt;
  }

  get elapsedMs(): number {
    return sinceMs(this.record.startedMs, this.#client.clock.nowMs());
  }

  /** `deadlineMs` counts from now. */
  start(deadlineMs: number | undefined): Decision {
    const { ask, state, clock, flags } = this.#client;
    const nowMs = clock.nowMs();
    const untilMs = deadlineMs === undefined ? undefined : nowMs + deadlineMs;
    return ask.start(this.record, state, nowMs, flags.current(), untilMs);
  }

  failure(outcome: Outcome, sentMs?: number): Decision {
    const { ask, state, clock, flags } = this.#client;
    return ask.failure(this.record, state, clock.nowMs(), flags.current(), outcome, sentMs);
  }

  wake(): Decision {
    const { ask, state, clock, flags } = this.#client;
    return ask.wake(this.record, state, clock.nowMs(), flags.current());
  }

  success(sentMs?: number): void {
    const { ask, state, clock, flags } = this.#client;
    ask.success(this.record, state, clock.nowMs(), flags.current(), sentMs);
  }

  abandon(during: Abandon["during"]): void {
    const { ask, state, clock, flags } = this.#client;
    ask.abandon(this.record, state, clock.nowMs(), flags.current(), during);
  }

  /** How long an attempt begun now may take: its timeout, but not past the deadline; in whole ticks. */
  limitMs(timeoutMs: number | undefined): number {
    const { clock, tickMs } = this.#client;
    const { deadlineMs = Infinity } = this.record;
    const limitMs = Math.min(timeoutMs ?? Infinity, deadlineMs - clock.nowMs());
    return Math.ceil(limitMs / tickMs) * tickMs;
  }
}
