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

describe("a partial failure of calls or clients", () => {
  const COUNT = 1_000;
  const fault = (of: "calls" | "clients", share: number): FaultSpec => ({
    ...{ kind: "partial", fromMs: 0, untilMs: 100, status: 500 },
    ...{ of, share },
  });

  /** `call.attempt` of each request that fails, by client; each client makes two attempts at each of two calls. */
  function failedRequests(faults: readonly FaultSpec[], seed = 1): Map<string, string[]> {
    const reception = new Reception({ queue: { ...queue, places: 9_999 } }, faults, seed);
    for (const [atMs, call, attempt] of [
      [0, 1, 1],
      [1, 1, 2],
      [2, 2, 1],
      [3, 2, 2],
    ]) {
      for (let client = 0; client < COUNT; client++) {
        reception.request(atMs, client, { call, attempt });
      }
    }
    const names = ["1.1", "1.2", "2.1", "2.2"];
    const failures = reception.log.flatMap((line) => {
      const [, ms, client] = /^(\d) ms client (\d+): rejected 500$/.exec(line) ?? [];
      return client === undefined ? [] : [[client, names[Number(ms)]] as const];
    });
    const byClient = Map.groupBy(failures, ([client]) => client);
    return new Map([...byClient].map(([client, all]) => [client, all.map(([, name]) => name)]));
  }

  test("hits a client in all that it sends, or in nothing", () => {
    for (const seed of [1, 2, 3, 4]) {
      const hit = failedRequests([fault("clients", 0.3)], seed);
      expect(Math.abs(hit.size - 300) / Math.sqrt(1_000 * 0.3 * 0.7)).toBeLessThan(4);
      for (const names of hit.values()) expect(names).toEqual(["1.1", "1.2", "2.1", "2.2"]);
    }
  });

  test("hits a call in all its attempts, whatever becomes of the client's others", () => {
    for (const seed of [1, 2, 3, 4]) {
      const hit = [...failedRequests([fault("calls", 0.5)], seed).values()].map(String);
      const count = (names: string) => hit.filter((found) => found === names).length;
      const [first, second, both] = ["1.1,1.2", "2.1,2.2", "1.1,1.2,2.1,2.2"].map(count);
      expect(first + second + both).toBe(hit.length);
      for (const quarter of [first, second, both, COUNT - hit.length]) {
        expect(Math.abs(quarter - 250) / Math.sqrt(1_000 * 0.25 * 0.75)).toBeLessThan(4);
      }
    }
  });

  test("hits the same ones to its end, whatever else begins and ends meanwhile", () => {
    const other: FaultSpec = { ...fault("clients", 0), fromMs: 0, untilMs: 1 };
    const clients = [...failedRequests([other, fault("clients", 0.5)]).values()];
    expect(new Set(clients.map(String))).toEqual(new Set(["1.1,1.2,2.1,2.2"]));
    const calls = [...failedRequests([other, fault("calls", 0.5)]).values()];
    expect(calls.every(({ length }) => length % 2 === 0)).toBe(true);
  });

  test("hits other ones than a second such fault", () => {
    const hit = failedRequests([fault("clients", 0.5), fault("clients", 0.5)]);
    expect(Math.abs(hit.size - 750) / Math.sqrt(1_000 * 0.25 * 0.75)).toBeLessThan(4);
  });
});

describe("a partial failure", () => {
  const clients = Array.from({ length: 2_000 }, (_, client) => client);
  const partial = (share: number, status = 500) => ({
    kind: "partial" as const,
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

  test("names a time to come again", () => {
    expect(failed([{ ...partial(1, 429), retryAfterMs: 3_000 }])[0]).toBe(
      "0: rejected 429, retry after 3000 ms",
    );
  });

  test("of two kinds hit independently", () => {
    const both = failed([partial(0.5, 500), partial(0.5, 429)]);
    expect(Math.abs(both.length - 1_500) / Math.sqrt(2_000 * 0.75 * 0.25)).toBeLessThan(4);
    const second = both.filter((line) => line.endsWith("429")).length;
    expect(Math.abs(second - 500) / Math.sqrt(2_000 * 0.25 * 0.75)).toBeLessThan(4);
  });

  const harmless = Array.from({ length: 16 }, () => partial(0));
  const ofCalls = { ...partial(0.5), of: "calls" as const };
  test.each([
    ["the first", partial(0.5), { attempt: 1, part: 0 }],
    ["the first in another part of the attempt", partial(0.5), { attempt: 1, part: 1 }],
    ["a request for flags, when it hits whole calls", ofCalls, { attempt: 0, part: 1 }],
  ])("that comes after sixteen others hits independently of %s", (_, late, other) => {
    const hit = (faults: readonly FaultSpec[], request: { attempt: number; part: number }) => {
      const reception = new Reception({ queue: { ...queue, places: 9_999 } }, faults);
      for (const client of clients) reception.request(0, client, request);
      return reception.answersUntil(0);
    };
    const others = new Set(hit([partial(0.5)], other));
    const both = hit([...harmless, late], { attempt: 1, part: 0 }).filter((end) => others.has(end));
    expect(Math.abs(both.length - 500) / Math.sqrt(2_000 * 0.25 * 0.75)).toBeLessThan(4);
  });

  test("ends", () => {
    const reception = new Reception({}, [partial(1)]).arrive(99, 0).arrive(100, 1);
    expect(reception.answersUntil(999)).toEqual([
      "99 ms client 0: rejected 500",
      "110 ms client 1: answered",
    ]);
  });
});
