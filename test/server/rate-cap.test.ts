import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { RateCap } from "../../src/server/rate-cap.ts";
import { refusalOf } from "../../src/server/refusal.ts";
import { Reception } from "./reception.ts";

const byDefault = refusalOf({ status: 503, costMs: 0 });
const capOf = (of: "server" | "client", perSecond: number, burst: number) =>
  new RateCap({ fromMs: 0, of, perSecond, burst }, byDefault);

/** The bucket as it is told in words, in exact thousandths of tokens at 1 ms a thousandth. */
class Bucket {
  readonly #max: number;
  #thousandths: number;
  #atMs = 0;

  constructor(burst: number) {
    this.#max = burst * 1000;
    this.#thousandths = this.#max;
  }

  take(atMs: number): boolean {
    this.#thousandths = Math.min(this.#max, this.#thousandths + atMs - this.#atMs);
    this.#atMs = atMs;
    if (this.#thousandths < 1000) return false;
    this.#thousandths -= 1000;
    return true;
  }
}

describe("a rate cap", () => {
  test("is a bucket of tokens, one gained a second", () => {
    const gaps = fc.array(fc.oneof(fc.constant(0), fc.integer({ min: 1, max: 2_500 })));
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 5 }), gaps, (burst, gapsMs) => {
        const cap = capOf("server", 1, burst);
        const bucket = new Bucket(burst);
        let atMs = 0;
        for (const gapMs of gapsMs) {
          atMs += gapMs;
          expect(cap.admits(atMs * 1000, 0)).toBe(bucket.take(atMs));
        }
      }),
      { seed: 1, numRuns: 500 },
    );
  });

  test("lets in all of its burst at once, whatever the time and the rate", () => {
    for (const perSecond of [0.001, 0.3, 7, 333, 100_000]) {
      for (const startUs of [0, 1, 1e9 + 7, 8.64e10]) {
        const cap = capOf("server", perSecond, 60);
        const admitted = Array.from({ length: 70 }, () => cap.admits(startUs, 0));
        expect(admitted.filter(Boolean)).toHaveLength(60);
      }
    }
  });

  test("for each client gives each a bucket of its own", () => {
    const cap = capOf("client", 1, 1);
    for (const client of [0, 5, 100_000, 3]) {
      expect([cap.admits(0, client), cap.admits(0, client)]).toEqual([true, false]);
    }
    for (const client of [0, 5, 100_000, 3]) expect(cap.admits(0, client)).toBe(false);
    expect(cap.admits(1_000_000, 5)).toBe(true);
  });

  test("for the server gives all of them one", () => {
    const cap = capOf("server", 1, 2);
    expect([1, 2, 3].map((client) => cap.admits(0, client))).toEqual([true, true, false]);
  });
});

describe("at the server", () => {
  const rejection = { status: 429, retryAfterMs: 1_000, costMs: 0 };
  const cap = { of: "server" as const, perSecond: 10, burst: 1, rejection };
  const workers = [{ fromMs: 0, workers: 9 }];

  test("who comes too soon is told so at once, though workers are idle", () => {
    const rateCap = [{ fromMs: 0, ...cap }];
    const reception = new Reception({ workers, rateCap }).arrive(0, 0, 1).arrive(100, 2);
    expect(reception.answersUntil(999)).toEqual([
      "0 ms client 1: rejected 429, retry after 1000 ms",
      "10 ms client 0: answered",
      "110 ms client 2: answered",
    ]);
  });

  test("comes and goes by its plan, each time with full buckets", () => {
    const rateCap = [
      { fromMs: 0, of: "nobody" as const },
      { fromMs: 20, ...cap },
      { fromMs: 50, ...cap },
      { fromMs: 70, of: "nobody" as const },
    ];
    const reception = new Reception({ workers, rateCap });
    for (const atMs of [19, 20, 50, 70]) reception.arrive(atMs, 1, 2);
    expect(reception.answersUntil(999).filter((line) => line.includes("429"))).toEqual([
      "20 ms client 2: rejected 429, retry after 1000 ms",
      "50 ms client 2: rejected 429, retry after 1000 ms",
    ]);
  });

  test("spends no token on those whom the gate keeps out, but one on those who fail behind it", () => {
    const rateCap = [{ fromMs: 0, ...cap, perSecond: 0.001 }];
    const admission = [
      { fromMs: 0, gate: "closed" as const },
      { fromMs: 5, gate: "open" as const },
    ];
    const broken = { kind: "partial" as const, fromMs: 0, untilMs: 20, share: 1, status: 500 };
    const reception = new Reception({ rateCap, admission }, [broken]).arrive(0, 0).arrive(5, 1, 2);
    expect(reception.answersUntil(999)).toEqual([
      "0 ms client 0: rejected 503",
      "5 ms client 1: rejected 500",
      "5 ms client 2: rejected 429, retry after 1000 ms",
    ]);
  });
});
