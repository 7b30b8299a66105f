/** The heap, the wheel and the queue keep one order: by time, then as their owner says. */
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { EventHeap } from "../../src/events/event-heap.ts";
import { EventQueue } from "../../src/events/event-queue.ts";
import { TimingWheel } from "../../src/events/timing-wheel.ts";

interface EventSet {
  readonly size: number;
  nextAtUs(): number;
  push(atUs: number, id: number): void;
  pop(): number;
  ids(): Iterable<number>;
}

const byNumber = (id: number, other: number) => id <= other;
const KINDS: [string, () => EventSet][] = [
  ["heap", () => new EventHeap(byNumber)],
  ["wheel", () => new TimingWheel(byNumber)],
  ["queue", () => new EventQueue(byNumber)],
];

/** The plainest event set there is: sorted anew each time. */
class SortedArray implements EventSet {
  readonly #entries: { readonly atUs: number; readonly id: number }[] = [];

  get size(): number {
    return this.#entries.length;
  }

  nextAtUs(): number {
    return this.#entries[0]?.atUs ?? Infinity;
  }

  push(atUs: number, id: number): void {
    this.#entries.push({ atUs, id });
    this.#entries.sort((a, b) => a.atUs - b.atUs || a.id - b.id);
  }

  pop(): number {
    return this.#entries.shift()?.id ?? -1;
  }

  ids(): number[] {
    return this.#entries.map(({ id }) => id);
  }
}

/** Pushes so much later than what was popped last, or pops. */
type Step = { readonly afterUs: number; readonly id: number } | "pop";

/** What an event set shows while it follows the steps, and until it is empty. */
function follow(set: EventSet, steps: readonly Step[]): unknown[] {
  let nowUs = 0;
  const seen: unknown[] = [];
  const pop = () => {
    nowUs = set.nextAtUs();
    seen.push([nowUs, set.pop()]);
  };
  for (const step of steps) {
    if (step !== "pop") set.push(nowUs + step.afterUs, step.id);
    else if (set.size > 0) pop();
    seen.push([set.nextAtUs(), set.size]);
  }
  while (set.size > 0) pop();
  return [...seen, set.nextAtUs()];
}

/** Ties, the same window, the same block, the same epoch, and far beyond. */
const afterUs = fc.oneof(
  fc.nat(2),
  fc.nat(5_000),
  fc.nat(2 ** 24 + 10),
  fc.nat({ max: 2 ** 31 - 1 }),
  fc.constantFrom(2 ** 12 - 1, 2 ** 12, 2 ** 24 - 1, 2 ** 24, 2 ** 36 - 1, 2 ** 36, 3 * 2 ** 36),
);
const push = fc.record({ afterUs, id: fc.nat(5) });
const steps = fc.array(
  fc.oneof({ arbitrary: push, weight: 3 }, { arbitrary: fc.constant("pop" as const), weight: 2 }),
  { maxLength: 250, size: "max" },
);

/** Any numbers, the same every time. */
function drawing(): (below: number) => number {
  let drawn = 12345;
  return (below) => {
    drawn = (Math.imul(drawn, 1103515245) + 12345) >>> 1;
    return drawn % below;
  };
}

describe.each(KINDS)("the event %s", (_name, make) => {
  test("agrees with a sorted array under any interleaving of push and pop", () => {
    fc.assert(
      fc.property(steps, (script) => {
        expect(follow(make(), script)).toEqual(follow(new SortedArray(), script));
      }),
      { numRuns: 200, seed: 1 },
    );
  });

  test("shows all ids without removing any", () => {
    const set = make();
    const draw = drawing();
    for (let id = 0; id < 3_000; id++) set.push(draw(2 ** 30) * 2 ** draw(8), id);
    const popped = new Set(Array.from({ length: 1_000 }, () => set.pop()));
    const left = Array.from({ length: 3_000 }, (_, id) => id).filter((id) => !popped.has(id));
    expect([...set.ids()].sort((a, b) => a - b)).toEqual(left);
    expect(set.size).toBe(2_000);
  });

  test("gives what is due at the same time in order, latecomers among them", () => {
    const set = make();
    for (const id of [3, 1, 4, 9, 5]) set.push(7, id);
    expect([set.pop(), set.pop()]).toEqual([1, 3]);
    set.push(7, 8);
    set.push(7, 2);
    set.push(8, 0);
    expect(Array.from({ length: 6 }, () => set.pop())).toEqual([2, 4, 5, 8, 9, 0]);
  });
});

test("a hundred thousand entries leave the wheel and the heap in the same order", () => {
  const order = (set: EventSet) => {
    const draw = drawing();
    const popped: number[] = [];
    let nowUs = 0;
    for (let id = 0; id < 50_000; id++) set.push(draw(40_000_000), id);
    for (let id = 50_000; id < 100_000; id++) {
      nowUs = set.nextAtUs();
      popped.push(set.pop());
      // Most soon, some late, as a storm's clients do.
      set.push(nowUs + draw(10 ** (1 + draw(9))), id);
    }
    while (set.size > 0) popped.push(set.pop());
    return popped;
  };
  expect(order(new TimingWheel(byNumber))).toEqual(order(new EventHeap(byNumber)));
});

test("the wheel tells what comes up before it comes", () => {
  const touched: number[] = [];
  const touch = (numbers: Int32Array, from: number, to: number) => {
    for (let at = from; at < to; at += 2) touched.push(numbers[at + 1]);
  };
  const wheel = new TimingWheel(byNumber, { touch });
  const atUs = [5_000, 9_000, 8_500, 20_000];
  for (const [id, us] of atUs.entries()) wheel.push(us, id);
  expect(wheel.pop()).toBe(0);
  expect(touched).toEqual([0]);
  expect(wheel.pop()).toBe(2);
  expect(touched.sort()).toEqual([0, 1, 2]);
});
