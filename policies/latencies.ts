/**
 * How long attempts take, in numbers of a policy's state: a histogram of buckets a third of a doubling
 * wide, from 1 ms to a minute, and one for what is endless. All counts are halved when there are
 * `countMax`, so what is old counts for less and less.
 */
import type { NumericState } from "../src/policy.ts";

const BUCKETS_A_DOUBLING = 3;
const DOUBLINGS = 16;
const ENDLESS = BUCKETS_A_DOUBLING * DOUBLINGS + 1;

export class Latencies {
  /** The state's cells. */
  readonly own: Readonly<NumericState>;
  readonly #count: string;
  readonly #buckets: readonly string[];
  readonly #countMax: number;

  constructor(prefix: string, countMax: number) {
    this.#countMax = countMax;
    this.#count = `${prefix}.latencies`;
    this.#buckets = Array.from({ length: ENDLESS + 1 }, (_, at) => `${prefix}.latency${at}`);
    this.own = Object.fromEntries([this.#count, ...this.#buckets].map((key) => [key, 0]));
  }

  /** Infinity: longer than anybody waited. */
  add(state: NumericState, latencyMs: number): void {
    state[this.#buckets[bucketOf(latencyMs)]]++;
    if (++state[this.#count] < this.#countMax) return;
    state[this.#count] /= 2;
    for (const bucket of this.#buckets) state[bucket] /= 2;
  }

  /** How many are remembered. */
  count(state: NumericState): number {
    return state[this.#count];
  }

  /** At least `share` of them are at most so long, to the upper end of a bucket; Infinity for the endless. */
  quantileMs(state: NumericState, share: number): number {
    const longerMax = (1 - share) * state[this.#count];
    let longer = 0;
    for (let at = ENDLESS; at > 0; at--) {
      longer += state[this.#buckets[at]];
      if (longer > longerMax) return at === ENDLESS ? Infinity : endMs(at);
    }
    return endMs(0);
  }
}

function bucketOf(latencyMs: number): number {
  const at = Math.ceil(BUCKETS_A_DOUBLING * Math.log2(Math.max(1, latencyMs)));
  return Math.min(ENDLESS, at);
}

function endMs(at: number): number {
  return 2 ** (at / BUCKETS_A_DOUBLING);
}
