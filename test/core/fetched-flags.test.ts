import { describe, expect, test } from "vitest";
import { FetchedFlags } from "../../src/fetched-flags.ts";
import type { FlagChange } from "../../src/flags.ts";

const changes: readonly FlagChange[] = [
  { atMs: 0, name: "kill", value: false },
  { atMs: 100, name: "kill", value: true },
  { atMs: 200, name: "kill", value: false },
  { atMs: 150, name: "interval", value: 60_000 },
];
const fetched = (options: { clients?: number; refreshMs?: number; seed?: number } = {}) =>
  new FetchedFlags(changes, { clients: 3, refreshMs: 50, seed: 1, ...options });

describe("fetched flags", () => {
  test("are those of moment 0 until a fetch brings others, whatever the time", () => {
    const flags = fetched();
    expect(flags.of(1).boolean("kill", true)).toBe(false);
    expect(flags.of(1).number("interval", 7)).toBe(7);
    expect(flags.of(1).changedAtMs("kill")).toBeUndefined();
  });

  test("are what they were when the server answered, known from when the answer came", () => {
    const flags = fetched();
    flags.learn(1, 155, 149.9);
    expect(flags.of(1).boolean("kill", false)).toBe(true);
    expect(flags.of(1).number("interval", 7)).toBe(7);
    expect(flags.of(1).changedAtMs("kill")).toBe(155);
    flags.learn(1, 170, 150);
    expect(flags.of(1).number("interval", 7)).toBe(60_000);
    expect(flags.of(1).changedAtMs("interval")).toBe(170);
    expect(flags.of(1).changedAtMs("kill")).toBe(155);
  });

  test("are each client's own", () => {
    const flags = fetched();
    flags.learn(1, 100, 100);
    expect([0, 1, 2].map((client) => flags.of(client).boolean("kill", false))).toEqual([
      false,
      true,
      false,
    ]);
  });

  test("have not changed for a client that slept through a change and its end", () => {
    const flags = fetched();
    flags.learn(1, 300, 300);
    expect(flags.of(1).boolean("kill", true)).toBe(false);
    expect(flags.of(1).changedAtMs("kill")).toBeUndefined();
    expect(flags.of(1).changedAtMs("interval")).toBe(300);
  });

  test("answer the fallback for a flag unknown, or of another type", () => {
    const flags = fetched();
    expect(flags.of(0).boolean("unknown", true)).toBe(true);
    expect(flags.of(0).number("kill", 7)).toBe(7);
    expect(flags.of(0).changedAtMs("unknown")).toBeUndefined();
  });

  test("are stale so long after the last fetch that succeeded", () => {
    const flags = fetched();
    flags.learn(1, 100, 95);
    expect(flags.isStale(1, 149.9)).toBe(false);
    expect(flags.isStale(1, 150)).toBe(true);
  });

  test("become stale one client after the other, evenly over the first `refreshMs`", () => {
    const clients = 4_000;
    for (const seed of [1, 2, 3]) {
      const flags = fetched({ clients, refreshMs: 1_000, seed });
      for (const share of [0, 0.25, 0.5, 0.75, 1]) {
        const stale = Array.from({ length: clients }, (_, client) => client).filter((client) =>
          flags.isStale(client, share * 1_000),
        ).length;
        const sigma = Math.sqrt(clients * share * (1 - share));
        expect(Math.abs(stale - clients * share)).toBeLessThanOrEqual(4 * sigma);
      }
    }
  });
});
