/** How many calls an open load expects by when. */
import type { LoadSpec } from "./scenario.ts";

type OpenLoad = Extract<LoadSpec, { kind: "open" }>;

/** Inverts the cumulative rate: a Poisson process of rate 1, stretched, is one of any rate. */
export class OpenRates {
  readonly #steps: readonly { fromUs: number; perUs: number; slope: number; expected: number }[];
  readonly #total: number;
  #step = 0;

  /** @param runMs by when a ramp of the last step is over */
  constructor({ arrivals }: OpenLoad, runMs: number) {
    let expected = 0;
    this.#steps = arrivals.map((step, index) => {
      const untilMs = arrivals[index + 1]?.fromMs ?? runMs;
      const lastsUs = untilMs * 1000 - step.fromMs * 1000;
      const perUs = step.perSecond / 1e6;
      const endPerUs = (step.rampToPerSecond ?? step.perSecond) / 1e6;
      const slope = lastsUs > 0 ? (endPerUs - perUs) / lastsUs : 0;
      const from = { fromUs: step.fromMs * 1000, perUs, slope, expected };
      expected += ((perUs + endPerUs) / 2) * Math.max(0, lastsUs);
      return from;
    });
    this.#total = expected;
  }

  /** When so many arrivals are expected to have come, Infinity if not by the end; must be asked with growing numbers. */
  whenExpected(expected: number): number {
    if (expected > this.#total) return Infinity;
    while (expected > (this.#steps[this.#step + 1]?.expected ?? Infinity)) this.#step++;
    const { fromUs, perUs, slope, expected: before } = this.#steps[this.#step];
    const missing = expected - before;
    if (slope === 0) return perUs === 0 ? Infinity : fromUs + missing / perUs;
    return fromUs + (Math.sqrt(Math.max(0, perUs * perUs + 2 * slope * missing)) - perUs) / slope;
  }
}
