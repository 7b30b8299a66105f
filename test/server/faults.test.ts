import { describe, expect, test } from "vitest";
import type { FaultSpec } from "../../src/scenario.ts";
import { Reception } from "./reception.ts";

const queue = { places: 9, order: "fifo" as const };

describe("an outage", () => {
  const outage: FaultSpec = { kind: "outage", fromMs: 15, untilMs: 40 };

  test("loses the work in progress, what waits, and what arrives", () => {
    const reception = new Reception({ queue }, [outage]).arrive(0, 0, 1, 2).arrive(20, 3);
    expect(reception.until(99)).toEqual([
      "10 ms 10 ms of work",
      "10 ms client 0: answered",
      "15 ms client 1: connection",
      "15 ms client 2: connection",
      "20 ms client 3: connection",
    ]);
  });

  test("loses the rejections that wait for a worker, and the one in progress", () => {
    const spec = { queue: { ...queue, places: 0 }, rejection: { status: 503, costMs: 8 } };
    const reception = new Reception(spec, [outage]).arrive(0, 0, 1, 2);
    expect(reception.answersUntil(99)).toEqual([
      "10 ms client 0: answered",
      "15 ms client 1: connection",
      "15 ms client 2: connection",
    ]);
  });

  test("leaves an empty server that works as before", () => {
    const reception = new Reception({ queue }, [outage]).arrive(0, 0, 1, 2).arrive(40, 4, 5);
    expect(reception.answersUntil(99).slice(3)).toEqual([
      "50 ms client 4: answered",
      "60 ms client 5: answered",
    ]);
  });

  test("lasts while any of two overlapping ones does", () => {
    const faults = [outage, { ...outage, fromMs: 30, untilMs: 50 }];
    const reception = new Reception({ queue }, faults).arrive(45, 0).arrive(50, 1);
    expect(reception.answersUntil(99)).toEqual([
      "45 ms client 0: connection",
      "60 ms client 1: answered",
    ]);
  });
});

describe("a slowdown", () => {
  const slowdown: FaultSpec = { kind: "slowdown", fromMs: 5, untilMs: 50, factor: 3 };

  test("lengthens the work that is begun meanwhile, to its end", () => {
    const reception = new Reception({ queue }, [slowdown]).arrive(0, 0, 1, 2, 3);
    expect(reception.until(999)).toEqual([
      "10 ms 10 ms of work",
      "10 ms client 0: answered",
      "40 ms 30 ms of work",
      "40 ms client 1: answered",
      "70 ms 30 ms of work",
      "70 ms client 2: answered",
      "80 ms 10 ms of work",
      "80 ms client 3: answered",
    ]);
  });

  test("multiplies with another", () => {
    const reception = new Reception({ queue }, [slowdown, { ...slowdown, factor: 2 }]);
    expect(reception.arrive(5, 0).answersUntil(999)).toEqual(["65 ms client 0: answered"]);
  });
});

describe("a partial failure", () => {
  const clients = Array.from({ length: 2_000 }, (_, client) => client);
  const partial = (share: number, status = 500): FaultSpec => ({
    kind: "partial",
    fromMs: 0,
    untilMs: 100,
    share,
    status,
  });
  const failed = (faults: readonly FaultSpec[], seed = 1) =>
    new Reception({ queue: { ...queue, places: 9_999 } }, faults, seed)
      .arrive(0, ...clients)
      .answersUntil(0)
      .map((line) => line.replace("0 ms client ", ""));

  test("answers its share of the requests on arrival, without work", () => {
    expect(failed([partial(0)])).toEqual([]);
    expect(failed([partial(1)])).toHaveLength(2_000);
    for (const seed of [1, 2, 3, 4]) {
      const count = failed([partial(0.3)], seed).length;
      expect(Math.abs(count - 600) / Math.sqrt(2_000 * 0.3 * 0.7)).toBeLessThan(4);
    }
  });

  test("answers its status, fatal or not", () => {
    expect(failed([partial(1)])[0]).toBe("0: rejected 500");
    expect(failed([partial(1, 508)])[0]).toBe("0: fatal 508");
  });

  test("hits the same requests for the same seed, and others for another", () => {
    expect(failed([partial(0.3)], 5)).toEqual(failed([partial(0.3)], 5));
    expect(failed([partial(0.3)], 5)).not.toEqual(failed([partial(0.3)], 6));
  });

  test("of two kinds hit independently", () => {
    const both = failed([partial(0.5, 500), partial(0.5, 429)]);
    expect(Math.abs(both.length - 1_500) / Math.sqrt(2_000 * 0.75 * 0.25)).toBeLessThan(4);
    const second = both.filter((line) => line.endsWith("429")).length;
    expect(Math.abs(second - 500) / Math.sqrt(2_000 * 0.25 * 0.75)).toBeLessThan(4);
  });

  test("ends", () => {
    const reception = new Reception({}, [partial(1)]).arrive(99, 0).arrive(100, 1);
    expect(reception.answersUntil(999)).toEqual([
      "99 ms client 0: rejected 500",
      "110 ms client 1: answered",
    ]);
  });
});
