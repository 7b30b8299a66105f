/** Whom a gate at the server's door lets in, and what the others are told. */
import { describe, expect, test } from "vitest";
import type { GateSpec } from "../../src/scenario.ts";
import { Reception } from "./reception.ts";

const queue = { places: 9_999, order: "fifo" as const };
const COUNT = 2_000;
const clients = Array.from({ length: COUNT }, (_, client) => client);

const refusedLine = /^0 ms client (\d+): rejected 503$/;

/** The clients that are turned away when all of them come at once. */
function turnedAway(gate: GateSpec, seed = 1, attempt = 1): number[] {
  const reception = new Reception({ queue, admission: [gate] }, [], seed);
  for (const client of clients) reception.request(0, client, { attempt });
  return reception.answersUntil(0).map((line) => Number(refusedLine.exec(line)?.[1]));
}

/** Within 4 standard deviations of the binomial distribution. */
function expectShare(count: number, share: number): void {
  const sigma = Math.sqrt(COUNT * share * (1 - share));
  expect(Math.abs(count - COUNT * share) / sigma).toBeLessThan(4);
}

test("a closed gate turns everybody away, an open one nobody", () => {
  expect(turnedAway({ fromMs: 0, gate: "closed" })).toHaveLength(COUNT);
  expect(turnedAway({ fromMs: 0, gate: "open" })).toEqual([]);
});

describe("a gate for a share of the requests", () => {
  const gate = (share: number) => ({ fromMs: 0, gate: "share-of-requests" as const, share });

  test("lets in each by its own chance", () => {
    expect(turnedAway(gate(0))).toHaveLength(COUNT);
    expect(turnedAway(gate(1))).toEqual([]);
    for (const seed of [1, 2, 3, 4]) expectShare(turnedAway(gate(0.3), seed).length, 0.7);
  });

  test("lets in a retry whose first attempt it did not", () => {
    const first = new Set(turnedAway(gate(0.5)));
    const second = turnedAway(gate(0.5), 1, 2).filter((client) => first.has(client));
    expectShare(second.length, 0.25);
  });
});

describe("a gate for a share of the clients", () => {
  const gate = (share: number) => ({ fromMs: 0, gate: "share-of-clients" as const, share });

  test("lets in that share of them", () => {
    expect(turnedAway(gate(0))).toHaveLength(COUNT);
    expect(turnedAway(gate(1))).toEqual([]);
    for (const seed of [1, 2, 3, 4]) expectShare(turnedAway(gate(0.3), seed).length, 0.7);
  });

  test("lets in the same ones each time they come, in another seed others", () => {
    expect(turnedAway(gate(0.3), 1, 2)).toEqual(turnedAway(gate(0.3)));
    expect(turnedAway(gate(0.3), 2)).not.toEqual(turnedAway(gate(0.3)));
  });

  test("opens wider for the same ones and more, step by step", () => {
    const admission = [0, 0.3, 0.6].map((share, step) => ({ ...gate(share), fromMs: step * 100 }));
    const workers = [{ fromMs: 0, workers: COUNT }];
    const reception = new Reception({ queue, admission, workers });
    for (const atMs of [0, 100, 200]) reception.arrive(atMs, ...clients);
    const answered = (atMs: number) =>
      reception.log.filter((line) => line.startsWith(`${atMs} ms`) && line.endsWith("answered"));
    reception.until(999);
    const [narrow, wide] = [answered(110), answered(210)].map(
      (lines) => new Set(lines.map((line) => /client \d+/.exec(line)?.[0])),
    );
    expect(answered(10)).toEqual([]);
    expectShare(narrow.size, 0.3);
    expectShare(wide.size, 0.6);
    expect([...narrow].filter((client) => !wide.has(client))).toEqual([]);
  });
});

describe("a gate that drops", () => {
  const admission = [
    { fromMs: 0, gate: "drop" as const },
    { fromMs: 50, gate: "open" as const },
  ];

  test("answers at once as if the work were done, and does none", () => {
    const reception = new Reception({ queue, admission }).arrive(5, 0, 1).arrive(50, 2);
    expect(reception.until(99)).toEqual([
      "5 ms client 0: answered, but dropped",
      "5 ms client 1: answered, but dropped",
      "60 ms 10 ms of work",
      "60 ms client 2: answered",
    ]);
  });
});

describe("what those are told who may not come in", () => {
  const closed = { fromMs: 0, gate: "closed" as const };

  test.each([
    [{ status: 429, retryAfterMs: 2_000, costMs: 0 }, "rejected 429, retry after 2000 ms"],
    [{ status: 508, costMs: 0 }, "fatal 508"],
    [{ status: 502, costMs: 0 }, "rejected 502"],
  ])("is the gate's own: %o", (rejection, how) => {
    const reception = new Reception({ admission: [{ ...closed, rejection }] }).arrive(0, 0);
    expect(reception.answersUntil(0)).toEqual([`0 ms client 0: ${how}`]);
  });

  test("is what the server says when it is full, if the gate does not say", () => {
    const rejection = { status: 413, costMs: 0 };
    const reception = new Reception({ admission: [closed], rejection }).arrive(0, 0);
    expect(reception.answersUntil(0)).toEqual(["0 ms client 0: fatal 413"]);
  });

  test("takes a worker the time that it costs, idle workers too", () => {
    const rejection = { status: 429, costMs: 4 };
    const admission = [
      { fromMs: 0, gate: "open" as const },
      { fromMs: 5, gate: "closed" as const, rejection },
    ];
    const spec = { admission, rejection: { status: 503, costMs: 7 } };
    // Two places: the queue turns client 3 away, the gate 4; the last finds an idle worker.
    const reception = new Reception(spec).arrive(0, 0, 1, 2, 3).arrive(6, 4).arrive(80, 5);
    expect(reception.answersUntil(99)).toEqual([
      "10 ms client 0: answered",
      "17 ms client 3: rejected 503",
      "21 ms client 4: rejected 429",
      "31 ms client 1: answered",
      "41 ms client 2: answered",
      "84 ms client 5: rejected 429",
    ]);
  });

  test("is nothing more than a broken connection in an outage", () => {
    const outage = { kind: "outage" as const, fromMs: 0, untilMs: 10 };
    const reception = new Reception({ admission: [closed] }, [outage]).arrive(5, 0);
    expect(reception.answersUntil(9)).toEqual(["5 ms client 0: connection"]);
  });
});
