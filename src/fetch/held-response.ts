/**
 * An answer that says no. Its connection is wanted for the retry, but if no retry follows it is the
 * answer that the caller gets, with its body: so the body is let go only when a wait begins, and a copy of
 * what was read of a short one stays.
 */
import type { Clock } from "../clock.ts";
import { discard, isWebStream } from "../retry/discard.ts";

export class HeldResponse {
  readonly #response: Response;
  #copy: Response | undefined;
  #isReleased = false;
  #isTaken = false;

  constructor(response: Response) {
    this.#response = response;
  }

  /** Frees the connection, in the background; what is short stays. */
  release(clock: Clock | undefined): void {
    if (this.#isReleased) return;
    const { bodyUsed, body } = this.#response;
    if (isWebStream(body) && !bodyUsed && !body.locked) this.#copy = this.#response.clone?.();
    this.#discard(clock);
  }

  /** For the caller: after a wait its body is a copy, or gone if it was long. */
  take(): Response {
    this.#isTaken = true;
    return this.#copy ?? this.#response;
  }

  /** Nobody will read it. */
  drop(clock: Clock | undefined): void {
    if (this.#isReleased) this.#cancelCopy();
    else this.#discard(clock);
  }

  #discard(clock: Clock | undefined): void {
    this.#isReleased = true;
    discard(this.#response, clock).then((isWhole) => {
      // A stream in two halves is cancelled when both are.
      if (!isWhole && !this.#isTaken) this.#cancelCopy();
    });
  }

  #cancelCopy(): void {
    this.#copy?.body?.cancel().catch(() => {});
  }
}
