/**
 * One call whose attempts somebody else makes: the loop of another library, which only asks whether it may
 * go on. It is a call of the helper turned inside out, so all that the helper does is done here too.
 */
import type { Attempt } from "../retry/attempt.ts";
import type { Retry } from "../retry/create-retry.ts";
import { forgetOlder, markGivenUp, marksSoFar } from "../retry/given-up.ts";
import { type Layer, layerAround, runWithin } from "../retry/layers.ts";
import type { CallOptions } from "../retry/options.ts";
import { RetryStopped } from "../retry/retry-stopped.ts";

interface InFlight {
  readonly at: Attempt;
  readonly layer: Layer | undefined;
  readonly marksBefore: number;
  readonly succeed: () => void;
  readonly fail: (error: unknown) => void;
}

export class DrivenCall {
  readonly #caller = new AbortController();
  readonly #isMarked: boolean;
  /** Undefined while it waits, and when it is over. */
  #attempt: InFlight | undefined;
  #next = question();
  readonly #settled: Promise<void>;
  #stopped: RetryStopped | undefined;

  /** `run` hands over the client whose budget it takes from, until the promise settles. */
  constructor(
    run: (call: (retry: Retry) => Promise<void>) => Promise<void>,
    { signal, ...options }: CallOptions,
  ) {
    this.#isMarked = options.repeatable !== false;
    const onAbort = () => this.#caller.abort(signal?.reason);
    if (signal?.aborted) onAbort();
    else signal?.addEventListener("abort", onAbort);
    const call = { ...options, signal: this.#caller.signal };
    this.#settled = run((retry) => retry((at) => this.#begin(at), call));
    this.#settled
      .catch((error) => this.#end(error))
      .finally(() => signal?.removeEventListener("abort", onAbort));
  }

  /** Why it was given up; undefined as long as it is not. */
  get stopped(): RetryStopped | undefined {
    return this.#stopped;
  }

  /** The attempt that may be made now, with its number, limit and signal; undefined in between. */
  get attempt(): Attempt | undefined {
    return this.#attempt?.at;
  }

  /**
   * Resolves with whether the first attempt may be made, after any wait before it.
   *
   * Rejects with the signal's reason when the caller leaves, and with what a broken policy throws.
   */
  started(): Promise<boolean> {
    return this.#next.promise;
  }

  /**
   * The attempt failed. Resolves with whether another may be made, after the wait before it; or else
   * `stopped` tells why not.
   *
   * Rejects as `started` does.
   */
  async failed(error: unknown): Promise<boolean> {
    const attempt = this.#attempt;
    if (attempt !== undefined) {
      forgetOlder(error, attempt.marksBefore);
      this.#attempt = undefined;
      this.#next = question();
      attempt.fail(error);
    }
    const isToGoOn = await this.#next.promise;
    // For a layer further out; of a call that may not be repeated here, that one decides.
    if (!isToGoOn && this.#stopped) markGivenUp(error, this.#stopped, this.#isMarked);
    return isToGoOn;
  }

  /** The attempt was answered: the call is over. Rejects with what a broken policy throws. */
  async succeeded(): Promise<void> {
    const attempt = this.#attempt;
    if (attempt === undefined) return;
    this.#attempt = undefined;
    // Of an answer that breaks off afterwards.
    this.#next = question();
    this.#next.resolve(false);
    attempt.succeed();
    await this.#settled;
  }

  /** Nobody waits for it any more: the call is over. */
  abandoned(): void {
    this.#caller.abort();
  }

  /** Does what the attempt does, so that layers further in know of this one. */
  within<T>(work: () => T): T {
    const { layer } = this.#attempt ?? {};
    return layer === undefined ? work() : runWithin(layer, work);
  }

  #begin(at: Attempt): Promise<void> {
    return new Promise((succeed, fail) => {
      const layer = layerAround(undefined);
      this.#attempt = { at, layer, marksBefore: marksSoFar(), succeed, fail };
      this.#next.resolve(true);
    });
  }

  #end(error: unknown): void {
    // The deadline may pass while the attempt is made, and is then told when that ends.
    if (this.#attempt !== undefined) this.#next = question();
    this.#attempt = undefined;
    if (error instanceof RetryStopped) {
      this.#stopped = error;
      this.#next.resolve(false);
    } else {
      this.#next.reject(error);
    }
  }
}

/** Whether to go on: asked before it is known, or never. */
function question(): PromiseWithResolvers<boolean> {
  const asked = Promise.withResolvers<boolean>();
  asked.promise.catch(() => {});
  return asked;
}
