import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { EventQueue } from "../../src/event-queue.ts";

interface Entry {
  readonly atUs: number;
  readonly client: number;
  readonly call: number;
  readonly order: number;
  readonly payload: number;
}

/** The plainest queue there is: kept sorted, stable, searched from the start. */
class SortedArray {
  readonly entries: Entry[] = [];

  push(entry: Entry): void {
    const later = this.entries.findIndex((other) => compare(entry, other) < 0);
    this.entries.splice(later < 0 ? this.entries.length : later, 0, entry);
  }

  nextAtUs(): number {
    return this.entries[0]?.atUs ?? Infinity;
  }
}

function compare(a: Entry, b: Entry): number {
  return a.atUs - b.atUs || a.client - b.client || a.call - b.call || a.order - b.order;
}

function pushTo(queue: EventQueue, { atUs, client, call, order, payload }: Entry): void {
  queue.push(atUs, client, call, order, payload);
}

function popFrom(queue: EventQueue): Entry {
  const atUs = queue.nextAtUs();
  const payload = queue.pop();
  return { atUs, client: queue.client, call: queue.call, order: queue.order, payload };
}

const entry = (atUs: number, client = 0, call = 0, order = 0, payload = 0): Entry => ({
  atUs,
  client,
  call,
  order,
  payload,
});

describe("the event queue", () => {
  test("pops by time, then client, call and order, whatever order they came in", () => {
    const sorted = [
      entry(1, 9, 9, 9),
      entry(2, 0, 5, 5),
      entry(2, 1, 0, 7),
      entry(2, 1, 1, 128),
      entry(2, 1, 1, 129),
      entry(3, 0, 0, 0),
    ];
    for (const pushed of [sorted, sorted.toReversed(), [3, 0, 5, 1, 4, 2].map((i) => sorted[i])]) {
      const queue = new EventQueue();
      for (const each of pushed) pushTo(queue, each);
      expect(sorted.map(() => popFrom(queue))).toEqual(sorted);
    }
  });

  test("says when the first entry comes, and Infinity when there is none", () => {
    const queue = new EventQueue();
    expect(queue.nextAtUs()).toBe(Infinity);
    queue.push(5, 0, 0, 0, 0);
    expect(queue.nextAtUs()).toBe(5);
    queue.push(3, 0, 0, 0, 0);
    expect(queue.nextAtUs()).toBe(3);
    queue.pop();
    expect(queue.nextAtUs()).toBe(5);
    queue.pop();
    expect(queue.nextAtUs()).toBe(Infinity);
  });

  test("agrees with a sorted array under any interleaving of push and pop", () => {
    const push = fc.record({
      // Few values, so that ties of every depth come up.
      atUs: fc.oneof(fc.nat(6), fc.nat(1e9)),
      client: fc.nat(2),
      call: fc.nat(2),
      order: fc.nat(2),
    });
    const steps = fc.array(fc.oneof({ arbitrary: push, weight: 3 }, fc.constant("pop" as const)), {
      maxLength: 250,
      size: "max",
    });
    fc.assert(
      fc.property(steps, (script) => {
        const queue = new EventQueue();
        const oracle = new SortedArray();
        const got: unknown[] = [];
        const wanted: unknown[] = [];
        for (const step of [...script, ...script.map(() => "pop" as const)]) {
          if (step !== "pop") {
            // Entries that tie in everything are alike, so the payload follows from the key.
            const each = { ...step, payload: step.client * 9 + step.call * 3 + step.order };
            pushTo(queue, each);
            oracle.push(each);
          } else if (oracle.entries.length > 0) {
            got.push(popFrom(queue));
            wanted.push(oracle.entries.shift());
          }
          got.push([queue.nextAtUs(), queue.size]);
          wanted.push([oracle.nextAtUs(), oracle.entries.length]);
        }
        expect(got).toEqual(wanted);
      }),
      { numRuns: 60, seed: 1 },
    );
  });

  test("shows all payloads without removing any", () => {
    const queue = new EventQueue();
    const pushed = Array.from({ length: 300 }, (_, i) => i);
    // Every third comes out of order; the first hundred leave again.
    for (const i of pushed) queue.push(i % 3 === 0 ? 1_000 - i : i, 0, 0, 0, i);
    const popped = new Set(pushed.slice(0, 100).map(() => queue.pop()));
    const left = pushed.filter((i) => !popped.has(i));
    expect([...queue.payloads()].sort((a, b) => a - b)).toEqual(left);
    expect(queue.size).toBe(200);
  });

  test("grows while its ring is wrapped around and its heap is full", () => {
    const queue = new EventQueue();
    const oracle: Entry[] = [];
    let drawn = 12345;
    const draw = (below: number) => {
      drawn = (Math.imul(drawn, 1103515245) + 12345) >>> 1;
      return drawn % below;
    };
    for (let nowUs = 0; nowUs < 1_000; nowUs++) {
      // In order (the ring), out of order (the heap), and two of three leave again.
      for (const atUs of [nowUs + 500, nowUs + 500, nowUs + draw(400)]) {
        const each = entry(atUs, draw(50), draw(3), draw(300), atUs);
        pushTo(queue, each);
        oracle.push(each);
      }
      oracle.sort(compare);
      for (let i = 0; i < 2; i++) {
        const { payload: _, ...first } = oracle.shift() as Entry;
        expect(popFrom(queue)).toMatchObject(first);
      }
    }
    expect(queue.size).toBe(1_000);
  });
});
