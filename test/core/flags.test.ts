import { describe, expect, test } from "vitest";
import { type FlagChange, FlagPlan } from "../../src/flags.ts";

const changes: readonly FlagChange[] = [
  { atMs: 200, name: "kill", value: false },
  { atMs: 0, name: "kill", value: false },
  { atMs: 100, name: "kill", value: true },
  { atMs: 100, name: "interval", value: 60_000 },
];

describe("a flag plan", () => {
  test("answers the fallback for a flag that it does not know, or of another type", () => {
    const flags = new FlagPlan([{ atMs: 0, name: "interval", value: 5 }]);
    expect(flags.boolean("unknown", true)).toBe(true);
    expect(flags.number("unknown", 7)).toBe(7);
    expect(flags.boolean("interval", true)).toBe(true);
    expect(flags.number("interval", 7)).toBe(5);
    expect(new FlagPlan([{ atMs: 0, name: "on", value: true }]).number("on", 7)).toBe(7);
  });

  test("begins with the values of moment 0, which are no changes", () => {
    const flags = new FlagPlan(changes);
    expect(flags.boolean("kill", true)).toBe(false);
    expect(flags.changedAtMs("kill")).toBeUndefined();
    expect(flags.nextAtMs()).toBe(100);
  });

  test("changes up to and with the moment that it is advanced to", () => {
    const flags = new FlagPlan(changes);
    flags.advance(99.999);
    expect(flags.boolean("kill", true)).toBe(false);
    flags.advance(100);
    expect(flags.boolean("kill", false)).toBe(true);
    expect(flags.number("interval", 0)).toBe(60_000);
    expect(flags.nextAtMs()).toBe(200);
    flags.advance(1e9);
    expect(flags.boolean("kill", true)).toBe(false);
    expect(flags.nextAtMs()).toBe(Infinity);
  });

  test("says when a flag last changed, on the clock of the run", () => {
    const flags = new FlagPlan(changes, 5_000);
    flags.advance(150);
    expect(flags.changedAtMs("kill")).toBe(5_100);
    expect(flags.changedAtMs("unknown")).toBeUndefined();
    flags.advance(200);
    expect(flags.changedAtMs("kill")).toBe(5_200);
    expect(flags.changedAtMs("interval")).toBe(5_100);
  });

  test("takes the same value again for no change", () => {
    const flags = new FlagPlan([
      { atMs: 0, name: "kill", value: true },
      { atMs: 10, name: "kill", value: true },
    ]);
    flags.advance(10);
    expect(flags.changedAtMs("kill")).toBeUndefined();
  });

  test("makes several changes of one moment in the order they are written", () => {
    const flags = new FlagPlan([
      { atMs: 10, name: "kill", value: true },
      { atMs: 10, name: "kill", value: false },
    ]);
    flags.advance(10);
    expect(flags.boolean("kill", true)).toBe(false);
  });

  test("leaves the list that it was given as it was", () => {
    const given = Object.freeze([...changes]);
    new FlagPlan(given).advance(1_000);
    expect(given).toEqual(changes);
  });
});
