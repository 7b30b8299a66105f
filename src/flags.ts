/** Feature flags that change at known times: the remote configuration of a scenario. */
import type { Flags } from "./policy.ts";

export interface FlagChange {
  /** From the start of the run; at 0 it is the value the run begins with, not a change. */
  readonly atMs: number;
  readonly name: string;
  readonly value: boolean | number;
}

/** The flags as they stand at one moment of the plan. */
export class FlagPlan implements Flags {
  readonly #changes: readonly FlagChange[];
  readonly #values = new Map<string, boolean | number>();
  readonly #changedAtMs = new Map<string, number>();
  readonly #originMs: number;
  #next = 0;

  /** `originMs`: what the clock of `nowMs` shows at the start of the run. */
  constructor(changes: readonly FlagChange[], originMs = 0) {
    this.#changes = realChanges(changes);
    this.#originMs = originMs;
    this.advance(0);
    this.#changedAtMs.clear();
  }

  /** When the next change comes, from the start of the run; Infinity after the last. */
  nextAtMs(): number {
    return this.#next < this.#changes.length ? this.#changes[this.#next].atMs : Infinity;
  }

  /** Makes every change up to `toMs`, from the start of the run. */
  advance(toMs: number): void {
    while (this.nextAtMs() <= toMs) {
      const { name, value, atMs } = this.#changes[this.#next++];
      this.#values.set(name, value);
      this.#changedAtMs.set(name, this.#originMs + atMs);
    }
  }

  /** Every client knows them at once. */
  of(_client: number): Flags {
    return this;
  }

  boolean(name: string, fallback: boolean): boolean {
    const value = this.#values.get(name);
    return typeof value === "boolean" ? value : fallback;
  }

  number(name: string, fallback: number): number {
    const value = this.#values.get(name);
    return typeof value === "number" ? value : fallback;
  }

  changedAtMs(name: string): number | undefined {
    return this.#changedAtMs.get(name);
  }
}

/** In order, without those that set a flag to what it is: they would wake every waiting call for nothing. */
export function realChanges(changes: readonly FlagChange[]): FlagChange[] {
  const values = new Map<string, boolean | number>();
  const inOrder = [...changes].sort((a, b) => a.atMs - b.atMs);
  return inOrder.filter(({ name, value }) => {
    const isReal = values.get(name) !== value;
    values.set(name, value);
    return isReal;
  });
}
