/**
 * An answer, held at its head until its call is over, and then passed on as it comes.
 *
 * The connection of one that says no is wanted for the retry, but if no retry follows it is what the
 * caller's handler hears, body and all. So its body is let go only when a wait begins: read to its end
 * when short, so that the connection can serve the retry, and cut off when long or slow.
 */
import type { Dispatcher } from "undici";
import { type Clock, systemClock } from "../clock.ts";
import { DISCARD_BYTES_MAX, DISCARD_TIME_MAX_MS } from "../retry/discard.ts";
import type { CallController } from "./call-controller.ts";
import type { AnswerHeaders } from "./rejected-answer.ts";

export interface AnswerHead {
  readonly status: number;
  readonly headers: AnswerHeaders;
  readonly message: string | undefined;
}

export class HeldAnswer {
  readonly head: AnswerHead;
  readonly #handler: Dispatcher.DispatchHandler;
  readonly #stable: CallController;
  /** Undici's; some interceptors have none. */
  readonly #connection: Dispatcher.DispatchController | null;
  readonly #clock: Clock;
  /** What the handler has not heard. */
  readonly #untold: (() => void)[];
  #bytes = 0;
  #state: "held" | "let go" | "passed on" = "held";
  #isDropped = false;
  #isTelling = false;
  #hasEnded = false;
  #cancelTimeout = () => {};

  constructor(
    head: AnswerHead,
    handler: Dispatcher.DispatchHandler,
    stable: CallController,
    connection: Dispatcher.DispatchController | null,
    clock: Clock = systemClock,
  ) {
    this.head = head;
    this.#handler = handler;
    this.#stable = stable;
    this.#connection = connection;
    this.#clock = clock;
    const { status, headers, message } = head;
    this.#untold = [() => handler.onResponseStart?.(stable, status, headers, message)];
  }

  data(chunk: Buffer): void {
    this.#bytes += chunk.byteLength;
    this.#hear(() => this.#handler.onResponseData?.(this.#stable, chunk));
    this.#cutOffIfLong();
  }

  end(trailers: AnswerHeaders): void {
    this.#finish();
    this.#hear(() => this.#handler.onResponseEnd?.(this.#stable, trailers));
  }

  error(error: Error): void {
    if (this.#hasEnded) return;
    this.#finish();
    const tell = () => this.#handler.onResponseError?.(this.#stable, error);
    // Also of a handler that is paused and has read all: it may read no more.
    if (this.#state === "passed on" && this.#untold.length === 0 && !this.#isTelling) tell();
    else this.#hear(tell);
  }

  /** A wait for a retry begins. Until the retry leaves, what is short stays. */
  release(): void {
    if (this.#state !== "held") return;
    this.#state = "let go";
    if (this.#hasEnded) return;
    this.#cancelTimeout = this.#clock.timeout(DISCARD_TIME_MAX_MS, () => this.#cutOff());
    this.#cutOffIfLong();
  }

  /** Nobody will hear of it. */
  drop(): void {
    this.#isDropped = true;
    this.#untold.length = 0;
    this.release();
  }

  /** The call is over. */
  passOn(): void {
    this.#cancelTimeout();
    this.#state = "passed on";
    this.#stable.attempt = this.#connection;
    this.#stable.onResume = () => this.#tell();
    // It comes before the handler can take it.
    if (!this.#tell()) this.#connection?.pause();
  }

  /** The caller leaves while it is passed on. */
  abort(reason: Error): void {
    if (!this.#hasEnded || this.#untold.length > 0) this.#break(reason);
  }

  #hear(event: () => void): void {
    if (this.#isDropped) return;
    this.#untold.push(event);
    if (this.#state === "passed on") this.#tell();
  }

  /** As much as the handler takes; returns whether it takes more. */
  #tell(): boolean {
    // A handler that resumes while it is told something hears the rest when that is over.
    if (this.#isTelling) return false;
    this.#isTelling = true;
    try {
      while (!this.#stable.paused) {
        const event = this.#untold.shift();
        if (event === undefined) return true;
        event();
      }
    } catch (error) {
      // As undici does when a handler throws.
      this.#break(error as Error);
    } finally {
      this.#isTelling = false;
    }
    return false;
  }

  #break(reason: Error): void {
    this.#untold.length = 0;
    if (this.#hasEnded) this.#handler.onResponseError?.(this.#stable, reason);
    else this.#connection?.abort(reason);
  }

  #finish(): void {
    this.#hasEnded = true;
    this.#cancelTimeout();
  }

  #cutOffIfLong(): void {
    if (this.#state === "let go" && this.#bytes > DISCARD_BYTES_MAX) this.#cutOff();
  }

  #cutOff(): void {
    if (this.#hasEnded) return;
    const error = new Error("The answer's body was cut off to free its connection for a retry.");
    this.error(error);
    this.#connection?.abort(error);
  }
}
