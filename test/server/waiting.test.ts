/** How the server's queue keeps itself short, or makes the best of being long. */
import { describe, expect, test } from "vitest";
import type { ServerSpec } from "../../src/scenario.ts";
import { Reception } from "./reception.ts";

type QueueSpec = ServerSpec["queue"];

const answered = (lines: readonly string[]) =>
  lines
    .filter((line) => line.endsWith("answered"))
    .map((line) => Number(/t (\d+)/.exec(line)?.[1]));

describe("adaptive LIFO", () => {
  const queue = { places: 99, order: "adaptive-lifo" as const, lifoAbove: 3 };

  test("is first in first out while few wait", () => {
    const reception = new Reception({ queue }).arrive(0, 0, 1, 2, 3);
    expect(answered(reception.until(999))).toEqual([0, 1, 2, 3]);
  });

  test("takes the newest while more than `lifoAbove` wait, then again the oldest", () => {
    const reception = new Reception({ queue }).arrive(0, 0, 1, 2, 3, 4, 5, 6);
    expect(answered(reception.until(999))).toEqual([0, 6, 5, 4, 1, 2, 3]);
  });

  test("with `lifoAbove` 0 is last in first out", () => {
    const clients = [0, 1, 2, 3];
    const orders = [
      { ...queue, lifoAbove: 0 },
      { places: 99, order: "lifo" as const },
    ];
    const [adaptive, lifo] = orders.map((line) =>
      new Reception({ queue: line }).arrive(0, ...clients).until(999),
    );
    expect(adaptive).toEqual(lifo);
  });
});

describe("controlled delay", () => {
  const codel = { targetMs: 5, intervalMs: 100 };
  const queue: QueueSpec = { places: 9_999, order: "fifo", codel };

  test("lets a burst wait as long as the interval, to the microsecond", () => {
    // 10 ms each: client 10 begins after exactly 100 ms.
    const clients = Array.from({ length: 13 }, (_, client) => client);
    const reception = new Reception({ queue }).arrive(0, ...clients);
    expect(answered(reception.until(999))).toEqual(clients.slice(0, 11));
    expect(reception.log.slice(-2)).toEqual([
      "110 ms client 11: rejected 503",
      "110 ms client 12: rejected 503",
    ]);
  });

  test("grants the interval while the queue was empty within it, and the target once it was not", () => {
    // Twice what the server can do: one each 5 ms.
    const reception = new Reception({ queue });
    for (let client = 0; client < 400; client++) reception.arrive(client * 5, client);
    const ends = reception.answersUntil(9_999).map((line) => {
      const [, ms, client, how] = /^(\d+) ms client (\d+): (answered|rejected)/.exec(line) ?? [];
      const isServed = how === "answered";
      const leftQueueMs = Number(ms) - (isServed ? 10 : 0);
      return { client: Number(client), cameMs: Number(client) * 5, leftQueueMs, isServed };
    });
    const waiting = ends.filter(({ cameMs, leftQueueMs }) => leftQueueMs > cameMs);
    const isFoundEmpty = ({ cameMs }: (typeof ends)[number]) =>
      !waiting.some((other) => other.cameMs < cameMs && other.leftQueueMs > cameMs);
    let emptyMs = 0;
    let targets = 0;
    for (const end of ends.toSorted((a, b) => a.client - b.client)) {
      if (isFoundEmpty(end)) emptyMs = end.cameMs;
      const limitMs = end.cameMs - emptyMs > 100 ? 5 : 100;
      if (limitMs === 5) targets++;
      expect(end.leftQueueMs - end.cameMs <= limitMs).toBe(end.isServed);
    }
    expect(targets).toBeGreaterThan(20);
    // And the worker is never idle for it.
    expect(ends.filter(({ isServed }) => isServed).length).toBeGreaterThan(198);
  });

  test("is generous again as soon as the queue was empty", () => {
    const spec = { queue: { ...queue, codel: { targetMs: 0, intervalMs: 25 } } };
    const reception = new Reception(spec).arrive(0, 0, 1, 2).arrive(15, 3).arrive(28, 4);
    // Client 4 found a queue that had stood for 28 ms; client 6 finds one that was empty till 55 ms.
    reception.arrive(50, 5).arrive(55, 6, 7);
    expect(reception.answersUntil(999)).toEqual([
      "10 ms client 0: answered",
      "20 ms client 1: answered",
      "30 ms client 2: answered",
      "40 ms client 3: answered",
      "40 ms client 4: rejected 503",
      "60 ms client 5: answered",
      "70 ms client 6: answered",
      "80 ms client 7: answered",
    ]);
  });

  test("turns away who has waited too long before it takes the newest", () => {
    const lifo: QueueSpec = { ...queue, order: "lifo", codel: { targetMs: 0, intervalMs: 15 } };
    const reception = new Reception({ queue: lifo }).arrive(0, 0, 1, 2, 3).arrive(15, 4);
    expect(reception.answersUntil(999)).toEqual([
      "10 ms client 0: answered",
      "20 ms client 3: answered",
      "20 ms client 1: rejected 503",
      "20 ms client 2: rejected 503",
      "30 ms client 4: answered",
    ]);
  });

  test("pays for each rejection what one costs", () => {
    const rejection = { status: 503, costMs: 2 };
    const spec = { rejection, queue: { ...queue, codel: { targetMs: 0, intervalMs: 5 } } };
    const reception = new Reception(spec).arrive(0, 0, 1, 2).arrive(13, 3);
    expect(reception.answersUntil(999)).toEqual([
      "10 ms client 0: answered",
      "12 ms client 1: rejected 503",
      "14 ms client 2: rejected 503",
      "24 ms client 3: answered",
    ]);
  });
});

describe("a server that drops what is expired", () => {
  const queue: QueueSpec = { places: 99, order: "fifo", dropsExpired: true };

  test("does no work for callers who wait no longer, and has the time for others", () => {
    const reception = new Reception({ queue }).request(0, 0);
    reception.request(0, 1, { limitMs: 10 }).request(0, 2, { limitMs: 11 }).request(0, 3);
    expect(reception.until(999).filter((line) => line.includes("work"))).toEqual([
      "10 ms 10 ms of work",
      "20 ms 10 ms of work",
      "30 ms 10 ms of work",
    ]);
    expect(answered(reception.log)).toEqual([0, 2, 3]);
  });

  test("finishes what it has begun", () => {
    const reception = new Reception({ queue }).request(0, 0, { limitMs: 5 });
    expect(answered(reception.until(999))).toEqual([0]);
  });

  test("does not begin what was late when it came", () => {
    const reception = new Reception({ queue }).request(20, 0, { limitMs: 20 });
    expect(answered(reception.until(999))).toEqual([]);
  });

  test("takes no time for it, though a rejection would cost some", () => {
    const rejection = { status: 503, costMs: 8 };
    const reception = new Reception({ queue, rejection }).request(0, 0);
    reception.request(0, 1, { limitMs: 9 }).request(0, 2);
    expect(reception.answersUntil(999).at(-1)).toBe("20 ms client 2: answered");
  });

  test("frees the places of those who waited longest, also when the newest go first", () => {
    const lifo: QueueSpec = { ...queue, places: 2, order: "lifo" };
    const reception = new Reception({ queue: lifo }).request(0, 0);
    reception.request(0, 1, { limitMs: 5 }).request(0, 2).request(12, 3);
    expect(answered(reception.until(999))).toEqual([0, 2, 3]);
  });

  test("otherwise it works for everybody: it does not know who has left", () => {
    const reception = new Reception({ queue: { places: 99, order: "fifo" } });
    reception.request(0, 0).request(0, 1, { limitMs: 5 });
    expect(answered(reception.until(999))).toEqual([0, 1]);
  });
});
