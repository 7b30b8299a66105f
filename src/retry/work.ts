/** Work of a call, an attempt or a session reset, that can be cut short. */
import { type Clock, DELAY_MAX_MS } from "../clock.ts";
import { type Attempt, AttemptTimeout } from "./attempt.ts";
import { type Layer, nameSignal, runWithin } from "./layers.ts";

export class Work implements Attempt, Layer {
  readonly attempt: number;
  readonly limitMs: number;
  readonly #call: { readonly isOver: boolean };
  /** Made when somebody asks for the signal: most calls succeed at once, and many never do. */
  #controller: AbortController | undefined;
  #cut: { readonly reason: unknown } | undefined;
  #reject: ((reason: unknown) => void) | undefined;

  constructor(call: { readonly isOver: boolean }, attempt: number, limitMs: number) {
    this.#call = call;
    this.attempt = attempt;
    this.limitMs = limitMs;
  }

  get isOver(): boolean {
    return this.#call.isOver && !this.#cut;
  }

  get signal(): AbortSignal {
    if (this.#controller === undefined) {
      this.#controller = new AbortController();
      nameSignal(this, this.#controller.signal);
      if (this.#cut) this.#controller.abort(this.#cut.reason);
    }
    return this.#controller.signal;
  }

  /** Ends it at once with the reason. What it does after that is swallowed: nobody is left to hear it. */
  cut(reason: unknown): void {
    this.#cut = { reason };
    this.#reject?.(reason);
    this.#controller?.abort(reason);
  }

  /**
   * Settles with what is done, or as soon as its time is up or it is cut.
   *
   * @throws {AttemptTimeout} after `limitMs`
   */
  run<T>(clock: Clock, doIt: (work: Attempt) => T | PromiseLike<T>): Promise<T> {
    return new Promise<T>((resolve, reject) => {
      const { limitMs } = this;
      let cancelTimeout: (() => void) | undefined;
      this.#reject = (reason) => {
        cancelTimeout?.();
        reject(reason);
      };
      if (limitMs <= DELAY_MAX_MS) {
        cancelTimeout = clock.timeout(limitMs, () => this.cut(new AttemptTimeout(limitMs)));
      }
      new Promise<T>((settle) => settle(runWithin(this, () => doIt(this)))).then((value) => {
        cancelTimeout?.();
        resolve(value);
      }, this.#reject);
    });
  }
}
