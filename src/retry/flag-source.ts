/** Where a client's feature flags come from, and who hears when they change. */
import { NO_FLAGS } from "../ask.ts";
import type { Flags } from "../policy.ts";

/** A snapshot that something else refreshes in the background: deciding never waits for a flag. */
export interface FlagSource {
  current(): Flags;
  /** Calls `onChange` after a change, never from within `subscribe`; returns how to unsubscribe. */
  subscribe(onChange: () => void): () => void;
}

/** Wakes the waiting calls of a client, in the order of their numbers; subscribed only while one waits. */
export class FlagWatch {
  readonly #source: FlagSource | undefined;
  readonly #waiting = new Map<number, () => void>();
  #unsubscribe: (() => void) | undefined;
  #last = NO_FLAGS;

  constructor(source: FlagSource | undefined) {
    this.#source = source;
  }

  /** A source that fails changes nothing: the last snapshot stays. */
  current(): Flags {
    try {
      this.#last = this.#source?.current() ?? NO_FLAGS;
    } catch {}
    return this.#last;
  }

  /** Calls `wake` on the next change, unless the returned function is called before. */
  watch(call: number, wake: () => void): () => void {
    if (this.#source === undefined) return () => {};
    this.#waiting.set(call, wake);
    try {
      this.#unsubscribe ??= this.#source.subscribe(() => this.#wakeAll());
    } catch {}
    return () => this.#leave(call);
  }

  #wakeAll(): void {
    const waiting = [...this.#waiting].sort(([a], [b]) => a - b);
    for (const [, wake] of waiting) wake();
  }

  #leave(call: number): void {
    this.#waiting.delete(call);
    if (this.#waiting.size > 0) return;
    this.#unsubscribe?.();
    this.#unsubscribe = undefined;
  }
}
