/**
 * The server model in the time of a clock. It moves on when a request comes, and by a timer while somebody
 * waits for an answer; whatever happened meanwhile happens at its own time, for timers come late.
 */
import { type Clock, DELAY_MAX_MS } from "../clock.ts";
import type { RequestName } from "../request-name.ts";
import type { RequestEnd } from "../trace.ts";
import { ServerFront, type ServerScenario } from "./server-front.ts";

export interface SelfDrivenOptions {
  readonly scenario: ServerScenario;
  readonly seed: number;
  readonly clock: Clock;
  /** What the clock shows when the model's time begins; default: at the first request. */
  readonly originMs?: number;
  /** Hears of each piece of work done; perhaps a timer's lateness after its time. */
  readonly served?: (atUs: number, serviceUs: number, late: boolean) => void;
  /** Hears of each answer that reaches who still waits, before the client does. */
  readonly answered?: (name: RequestName, end: RequestEnd) => void;
}

export class SelfDrivenServer {
  readonly #clock: Clock;
  readonly #front: ServerFront;
  readonly #tickUs: number;
  readonly #answered: NonNullable<SelfDrivenOptions["answered"]>;
  #originMs: number | undefined;
  #nowUs = 0;
  #unnamed = 0;
  #cancelTimer: (() => void) | undefined;

  constructor(options: SelfDrivenOptions) {
    const { scenario, seed, clock, originMs, served = () => {}, answered = () => {} } = options;
    this.#clock = clock;
    this.#answered = answered;
    this.#originMs = originMs;
    this.#tickUs = scenario.tickUs;
    this.#front = new ServerFront(scenario, seed, served, () => this.#setTimer());
  }

  /**
   * Resolves when the answer has reached the client, and never if the client leaves. Requests without a
   * name are told apart by their order of arrival.
   */
  receive(name: RequestName | undefined, left: AbortSignal): Promise<RequestEnd> {
    this.#catchUp();
    const named = name ?? { client: 0, call: ++this.#unnamed, attempt: 1, part: 0 };
    const end = this.#front.receive(this.#nowUs, named, left);
    this.#setTimer();
    return end;
  }

  /**
   * To be called when nobody waits any more: the work that is left until `endUs` needs no real time.
   *
   * @throws {Error} when the server's books do not balance
   */
  finish(endUs: number): void {
    this.#advanceTo(endUs);
    this.#front.check(this.#nowUs);
  }

  #catchUp(): void {
    const nowMs = this.#clock.nowMs();
    this.#originMs ??= nowMs;
    this.#advanceTo(Math.floor(((nowMs - this.#originMs) * 1000) / this.#tickUs) * this.#tickUs);
  }

  #advanceTo(us: number): void {
    const nowUs = Math.max(this.#nowUs, us);
    for (let atUs = this.#front.nextAtUs(); atUs <= nowUs; atUs = this.#front.nextAtUs()) {
      this.#front.advance(atUs);
      for (;;) {
        const answer = this.#front.answerNext(atUs);
        if (answer === undefined) break;
        this.#answered(answer.name, answer.end);
      }
    }
    this.#nowUs = nowUs;
  }

  /** Only while somebody waits: a fault far ahead must not keep a process alive. */
  #setTimer(): void {
    this.#cancelTimer?.();
    this.#cancelTimer = undefined;
    const nextMs = this.#front.nextAtUs() / 1000;
    if (this.#front.waiting === 0 || nextMs === Infinity) return;
    const sinceOriginMs = this.#clock.nowMs() - (this.#originMs ?? 0);
    const delayMs = Math.min(Math.max(0, nextMs - sinceOriginMs), DELAY_MAX_MS);
    this.#cancelTimer = this.#clock.timeout(delayMs, () => {
      this.#catchUp();
      this.#setTimer();
    });
  }
}
