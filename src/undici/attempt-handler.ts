/** What undici tells of one attempt, and how much of it the caller's handler hears. */
import type { Dispatcher } from "undici";
import type { Clock } from "../clock.ts";
import type { CallController } from "./call-controller.ts";
import { HeldAnswer } from "./held-answer.ts";
import type { AnswerHeaders } from "./rejected-answer.ts";

type Controller = Dispatcher.DispatchController;

/** How an attempt ends for its call. */
export interface AttemptEnds {
  answer(held: HeldAnswer): void;
  fail(error: Error): void;
}

export class AttemptHandler implements Dispatcher.DispatchHandler {
  readonly #handler: Dispatcher.DispatchHandler;
  readonly #stable: CallController;
  readonly #clock: Clock | undefined;
  readonly #ends: AttemptEnds;
  #connection: Controller | null = null;
  #held: HeldAnswer | undefined;
  /** Why nobody hears of it any more. */
  #cancelledBy: { readonly reason: Error } | undefined;

  constructor(
    handler: Dispatcher.DispatchHandler,
    stable: CallController,
    clock: Clock | undefined,
    ends: AttemptEnds,
  ) {
    this.#handler = handler;
    this.#stable = stable;
    this.#clock = clock;
    this.#ends = ends;
  }

  /** Its time is up, or the caller has left. */
  cancel(reason: Error): void {
    if (this.#held !== undefined) return;
    // One that waits for a connection cannot be taken back, and is not sent when it gets it.
    this.#cancelledBy = { reason };
    this.#connection?.abort(reason);
  }

  onRequestStart(connection: Controller, context: unknown): void {
    this.#connection = connection;
    if (this.#cancelledBy !== undefined) {
      connection.abort(this.#cancelledBy.reason);
      return;
    }
    this.#stable.attempt = connection;
    this.#handler.onRequestStart?.(this.#stable, context);
  }

  onBodySent(chunk: Buffer): void {
    if (!this.#cancelledBy) this.#handler.onBodySent?.(chunk);
  }

  onRequestSent(): void {
    if (!this.#cancelledBy) this.#handler.onRequestSent?.();
  }

  onResponseStarted(): void {
    if (!this.#cancelledBy) this.#handler.onResponseStarted?.();
  }

  onResponseStart(
    connection: Controller | null,
    status: number,
    headers: AnswerHeaders,
    message?: string,
  ): void {
    if (this.#cancelledBy) return;
    if (status < 200) {
      this.#handler.onResponseStart?.(this.#stable, status, headers, message);
      return;
    }
    const head = { status, headers, message };
    this.#held = new HeldAnswer(head, this.#handler, this.#stable, connection, this.#clock);
    this.#ends.answer(this.#held);
  }

  onResponseData(_connection: Controller | null, chunk: Buffer): void {
    this.#held?.data(chunk);
  }

  onResponseEnd(_connection: Controller | null, trailers: AnswerHeaders): void {
    this.#held?.end(trailers);
  }

  onResponseError(_connection: Controller | null, error: Error): void {
    if (this.#held !== undefined) this.#held.error(error);
    else if (!this.#cancelledBy) this.#ends.fail(error);
  }
}
