/** What changes at the server at known times: how many workers, and which faults. */
import { outcomeOfStatus } from "../outcome.ts";
import type { Outcome } from "../policy.ts";
import type { FaultSpec, ServerSpec } from "../scenario.ts";
import { roundUpToTick } from "../ticks.ts";

export interface PartialFault {
  readonly share: number;
  readonly outcome: Outcome;
}

/** The server's circumstances at one moment of the plan. */
export class Plan {
  workers = 0;
  isDown = false;
  slowdown = 1;
  partials: readonly PartialFault[] = [];
  readonly #workers: ServerSpec["workers"];
  readonly #faults: readonly FaultSpec[];
  readonly #edgesUs: readonly number[];
  #next = 0;
  #nextAtUs: number;

  constructor(workers: ServerSpec["workers"], faults: readonly FaultSpec[], tickUs: number) {
    const inUs = (ms: number) => roundUpToTick(ms * 1000, tickUs);
    const edges = [
      ...workers.map((step) => step.fromMs),
      ...faults.flatMap((fault) => [fault.fromMs, fault.untilMs]),
    ];
    this.#edgesUs = [...new Set(edges.map(inUs))].sort((a, b) => a - b);
    this.#nextAtUs = this.#edgesUs[0];
    this.#workers = workers.map((step) => ({ ...step, fromMs: inUs(step.fromMs) / 1000 }));
    this.#faults = faults.map((fault) => ({
      ...fault,
      fromMs: inUs(fault.fromMs) / 1000,
      untilMs: inUs(fault.untilMs) / 1000,
    }));
  }

  /** When the next change comes; Infinity after the last. */
  nextAtUs(): number {
    return this.#nextAtUs;
  }

  /** Makes the next change. */
  step(): void {
    const nowMs = this.#nextAtUs / 1000;
    this.#nextAtUs = this.#edgesUs[++this.#next] ?? Infinity;
    const faults = this.#faults.filter((fault) => fault.fromMs <= nowMs && nowMs < fault.untilMs);
    this.workers = this.#workers.findLast((step) => step.fromMs <= nowMs)?.workers ?? 0;
    this.isDown = faults.some((fault) => fault.kind === "outage");
    this.slowdown = 1;
    const partials: PartialFault[] = [];
    for (const fault of faults) {
      if (fault.kind === "slowdown") this.slowdown *= fault.factor;
      if (fault.kind === "partial") {
        partials.push({ share: fault.share, outcome: outcomeOfStatus(fault.status) });
      }
    }
    this.partials = partials;
  }
}
