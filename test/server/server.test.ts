import { describe, expect, test } from "vitest";
import { Reception } from "./reception.ts";

const queue = (places: number, order: "fifo" | "lifo" = "fifo") => ({ places, order });
const workers = (...steps: [fromMs: number, workers: number][]) =>
  steps.map(([fromMs, count]) => ({ fromMs, workers: count }));

describe("workers", () => {
  test("do as many pieces of work at once as there are workers", () => {
    const spec = { workers: workers([0, 3]), queue: queue(9) };
    expect(new Reception(spec).arrive(0, 0, 1, 2, 3, 4).answersUntil(99)).toEqual([
      "10 ms client 0: answered",
      "10 ms client 1: answered",
      "10 ms client 2: answered",
      "20 ms client 3: answered",
      "20 ms client 4: answered",
    ]);
  });

  test("are idle between arrivals", () => {
    expect(new Reception().arrive(5, 0).arrive(50, 1).until(99)).toEqual([
      "15 ms 10 ms of work",
      "15 ms client 0: answered",
      "60 ms 10 ms of work",
      "60 ms client 1: answered",
    ]);
  });

  test("take a tick at least, whatever they do", () => {
    const service = { distribution: "deterministic", meanMs: 0 } as const;
    expect(new Reception({ service }).arrive(0, 0).answersUntil(9)).toEqual([
      "1 ms client 0: answered",
    ]);
  });
});

describe("the queue", () => {
  test("first in first out", () => {
    expect(new Reception({ queue: queue(3) }).arrive(0, 0, 1, 2, 3).answersUntil(99)).toEqual([
      "10 ms client 0: answered",
      "20 ms client 1: answered",
      "30 ms client 2: answered",
      "40 ms client 3: answered",
    ]);
  });

  test("last in first out", () => {
    const reception = new Reception({ queue: queue(3, "lifo") }).arrive(0, 0, 1, 2).arrive(15, 3);
    expect(reception.answersUntil(99)).toEqual([
      "10 ms client 0: answered",
      "20 ms client 2: answered",
      "30 ms client 3: answered",
      "40 ms client 1: answered",
    ]);
  });

  test.each(["fifo", "lifo"] as const)(
    "is bounded: %s turns away whoever finds no place",
    (order) => {
      const reception = new Reception({ queue: queue(2, order) }).arrive(0, 0, 1, 2, 3, 4);
      expect(reception.answersUntil(0)).toEqual([
        "0 ms client 3: rejected 503",
        "0 ms client 4: rejected 503",
      ]);
      expect(reception.arrive(10, 5).arrive(11, 6).answersUntil(11).slice(2)).toEqual([
        "10 ms client 0: answered",
        "11 ms client 6: rejected 503",
      ]);
    },
  );

  test("may have no place at all", () => {
    expect(new Reception({ queue: queue(0) }).arrive(0, 0, 1).answersUntil(10)).toEqual([
      "0 ms client 1: rejected 503",
      "10 ms client 0: answered",
    ]);
  });

  test.each(["fifo", "lifo"] as const)("holds thousands, while it moves: %s", (order) => {
    const reception = new Reception({ workers: workers([0, 1]), queue: queue(5_000, order) });
    const line: number[] = [];
    const expected: number[] = [];
    for (let client = 0; client < 600; client++) {
      // The worker takes one while two come.
      if (client > 0 && client % 2 === 0) {
        reception.server.advance(client * 5_000);
        expected.push((order === "fifo" ? line.shift() : line.pop()) ?? -1);
      }
      reception.arrive(Math.floor(client / 2) * 10, client);
      if (client > 0) line.push(client);
    }
    const answered = reception.answersUntil(2_990).map((l) => Number(/client (\d+)/.exec(l)?.[1]));
    expect(answered).toEqual([0, ...expected.slice(0, -1)]);
  });
});

describe("a caller that has left", () => {
  test("costs its whole service time all the same: late work", () => {
    const reception = new Reception().arrive(0, 0, 1, 2).leave(1);
    reception.server.advance(25_000);
    expect(reception.leave(2).until(99)).toEqual([
      "10 ms 10 ms of work",
      "10 ms client 0: answered",
      "20 ms 10 ms of late work",
      "20 ms client 1: answered",
      "30 ms 10 ms of late work",
      "30 ms client 2: answered",
    ]);
  });

  test("keeps its place in the queue", () => {
    const reception = new Reception({ queue: queue(1) }).arrive(0, 0, 1).leave(1).arrive(5, 2);
    expect(reception.answersUntil(5)).toEqual(["5 ms client 2: rejected 503"]);
  });
});

describe("a rejection", () => {
  const full = { queue: queue(0) };

  test.each([
    [{ status: 503, costMs: 0 }, "rejected 503"],
    [{ status: 429, retryAfterMs: 2_000, costMs: 0 }, "rejected 429, retry after 2000 ms"],
    [{ status: 413, retryAfterMs: 1_000, costMs: 0 }, "rejected 413, retry after 1000 ms"],
    [{ status: 413, costMs: 0 }, "fatal 413"],
    [{ status: 508, retryAfterMs: 1_000, costMs: 0 }, "fatal 508"],
  ])("says %o", (rejection, how) => {
    const reception = new Reception({ ...full, rejection }).arrive(0, 0, 1);
    expect(reception.answersUntil(0)).toEqual([`0 ms client 1: ${how}`]);
  });

  test("that is free takes nobody's time", () => {
    const reception = new Reception(full).arrive(
      0,
      0,
      ...Array.from({ length: 50 }, (_, i) => i + 1),
    );
    expect(reception.answersUntil(0)).toHaveLength(50);
    expect(reception.answersUntil(10).at(-1)).toBe("10 ms client 0: answered");
  });

  test("that costs waits for a worker, goes before the work that waits, and keeps it waiting", () => {
    const rejection = { status: 503, costMs: 3 };
    const reception = new Reception({ queue: queue(1), rejection }).arrive(0, 0, 1, 2, 3);
    expect(reception.until(99)).toEqual([
      "10 ms 10 ms of work",
      "10 ms client 0: answered",
      "13 ms client 2: rejected 503",
      "16 ms client 3: rejected 503",
      "26 ms 10 ms of work",
      "26 ms client 1: answered",
    ]);
  });
});

describe("the capacity plan", () => {
  test("brings workers, who begin with what waits", () => {
    const spec = { workers: workers([0, 0], [20, 1], [25, 3]), queue: queue(5) };
    expect(new Reception(spec).arrive(0, 0, 1, 2, 3).answersUntil(99)).toEqual([
      "30 ms client 0: answered",
      "35 ms client 1: answered",
      "35 ms client 2: answered",
      "40 ms client 3: answered",
    ]);
  });

  test("takes workers away, who finish what they have begun", () => {
    const spec = { workers: workers([0, 3], [5, 1]), queue: queue(5) };
    expect(new Reception(spec).arrive(0, 0, 1, 2, 3, 4).answersUntil(99)).toEqual([
      "10 ms client 0: answered",
      "10 ms client 1: answered",
      "10 ms client 2: answered",
      "20 ms client 3: answered",
      "30 ms client 4: answered",
    ]);
  });
});
