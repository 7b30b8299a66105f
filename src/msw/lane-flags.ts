/** The scenario's flags, as every client of the lane subscribes to them. */
import { type FlagChange, FlagPlan } from "../flags.ts";
import type { Flags } from "../policy.ts";
import type { FlagSource } from "../retry/flag-source.ts";
import type { LaneClock } from "./lane-clock.ts";

export class LaneFlags implements FlagSource {
  readonly #plan: FlagPlan;
  readonly #clock: LaneClock;
  readonly #listeners = new Set<() => void>();

  constructor(changes: readonly FlagChange[], clock: LaneClock) {
    this.#plan = new FlagPlan(changes);
    this.#clock = clock;
  }

  current(): Flags {
    return this.#plan;
  }

  subscribe(onChange: () => void): () => void {
    this.#listeners.add(onChange);
    return () => this.#listeners.delete(onChange);
  }

  /** The tick of the next change; Infinity after the last. */
  nextAtUs(): number {
    return Math.ceil(this.#plan.nextAtMs()) * 1000;
  }

  /** Makes the changes that are due, and wakes who waits, later in this tick. */
  advance(): void {
    if (this.nextAtUs() > this.#clock.nowUs) return;
    this.#plan.advance(this.#clock.nowMs());
    this.#clock.changeFlags(() => {
      for (const onChange of [...this.#listeners]) onChange();
    });
  }
}
