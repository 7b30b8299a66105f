/**
 * The one controller that a caller's handler is given, whichever attempt runs: each attempt has another
 * of undici's, and a handler that paused one would resume one that is gone.
 */
import type { Dispatcher } from "undici";

type Controller = Dispatcher.DispatchController;

export class CallController implements Controller {
  #attempt: Controller | null = null;
  #isPaused = false;
  #isAborted = false;
  #reason: Error | null = null;
  readonly #onAbort: (reason: Error) => void;
  /** Told when the handler can take more; returns whether all that was kept for it is gone. */
  onResume = () => true;

  constructor(onAbort: (reason: Error) => void) {
    this.#onAbort = onAbort;
  }

  /** Null where undici has none, for what fails before it is sent. */
  set attempt(controller: Controller | null) {
    this.#attempt = controller;
  }

  get paused(): boolean {
    return this.#isPaused;
  }

  get aborted(): boolean {
    return this.#isAborted;
  }

  get reason(): Error | null {
    return this.#reason;
  }

  get rawHeaders(): Controller["rawHeaders"] {
    return this.#attempt?.rawHeaders ?? null;
  }

  // `interceptors.decompress` takes what it has undone out of them.
  set rawHeaders(value: Controller["rawHeaders"]) {
    if (this.#attempt) this.#attempt.rawHeaders = value;
  }

  get rawTrailers(): Controller["rawTrailers"] {
    return this.#attempt?.rawTrailers ?? null;
  }

  set rawTrailers(value: Controller["rawTrailers"]) {
    if (this.#attempt) this.#attempt.rawTrailers = value;
  }

  pause(): void {
    this.#isPaused = true;
    this.#attempt?.pause();
  }

  resume(): void {
    this.#isPaused = false;
    if (this.onResume()) this.#attempt?.resume();
  }

  abort(reason: Error): void {
    if (this.#isAborted) return;
    this.#isAborted = true;
    this.#reason = reason;
    this.#onAbort(reason);
  }
}
