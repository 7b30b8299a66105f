/**
 * A cap on the rate of requests: a bucket of `burst` tokens that gains `perSecond` and gives one to each
 * request; who finds none is rejected at once.
 *
 * The bucket is one number, the time at which it will be full again, moved on by each token taken: the
 * generic cell rate algorithm (ITU-T I.371, annex A, https://www.itu.int/rec/T-REC-I.371).
 */
import type { RateCapSpec } from "../scenario.ts";
import { type Refusal, refusalOf } from "./refusal.ts";

export class RateCap {
  readonly refusal: Refusal;
  readonly #tokenUs: number;
  readonly #leadMaxUs: number;
  readonly #isPerClient: boolean;
  /** By client, or of all clients together. */
  #fullAtUs = new Float64Array(1);

  constructor(spec: Exclude<RateCapSpec, { of: "nobody" }>, byDefault: Refusal) {
    this.refusal = spec.rejection === undefined ? byDefault : refusalOf(spec.rejection);
    this.#tokenUs = 1e6 / spec.perSecond;
    const noiseUs = Math.max(0.001, this.#tokenUs * 1e-9);
    this.#leadMaxUs = (spec.burst - 1) * this.#tokenUs + noiseUs;
    this.#isPerClient = spec.of === "client";
  }

  /** Takes a token if there is one. */
  admits(atUs: number, client: number): boolean {
    const bucket = this.#isPerClient ? client : 0;
    if (bucket >= this.#fullAtUs.length) this.#grow(bucket);
    const fullAtUs = Math.max(this.#fullAtUs[bucket], atUs);
    if (fullAtUs - atUs > this.#leadMaxUs) return false;
    this.#fullAtUs[bucket] = fullAtUs + this.#tokenUs;
    return true;
  }

  #grow(bucket: number): void {
    const wider = new Float64Array(Math.max(bucket + 1, this.#fullAtUs.length * 2));
    wider.set(this.#fullAtUs);
    this.#fullAtUs = wider;
  }
}
