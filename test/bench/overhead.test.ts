/** That `pnpm bench:overhead` works; never what anything costs. */
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, describe, expect, it } from "vitest";
import { isGoalMissed } from "../../bench/overhead/overhead.ts";
import { OverheadSchema, type WrapperResult } from "../../bench/overhead/overhead-schema.ts";
import { Folder } from "./cli.ts";

const folder = new Folder("overhead/main.ts");
afterAll(() => folder.remove());

describe("pnpm bench:overhead", () => {
  it.concurrent("measures every wrapper", async ({ expect }) => {
    const { code, stdout, stderr } = await folder.bench(["--smoke", "--json", "overhead.json"]);
    expect({ code, stderr }).toEqual({ code: 0, stderr: "" });
    const text = readFileSync(join(folder.path, "overhead.json"), "utf8");
    const { groups } = OverheadSchema.parse(JSON.parse(text));
    for (const { wrappers } of groups) {
      expect(wrappers[0]).toMatchObject({ ratio: { median: 1, min: 1, max: 1 }, goal: null });
      expect(wrappers.length).toBeGreaterThan(1);
    }
    const goals = groups.flatMap(({ wrappers }) => wrappers.filter(({ goal }) => goal !== null));
    expect(goals.map(({ name, goal, isMet }) => ({ name, goal, isMet }))).toEqual([
      { name: "p-retry, AbortSignal.timeout() as signal", goal: 1, isMet: null },
      { name: "p-retry", goal: 2, isMet: null },
    ]);
    expect(stdout).toContain("Smoke");
  });

  it.concurrent("says what it expected in place of a wrong option", async ({ expect }) => {
    const { code, stderr } = await folder.bench(["--rounds", "0"]);
    expect(code).toBe(2);
    expect(stderr).toMatch(/^Expected --rounds to be a whole number from 1 to 99, got "0"/);
  });
});

describe("a goal", () => {
  const overheadWith = (isMet: WrapperResult["isMet"]) => {
    const ratio = { median: 1.5, min: 1, max: 2 };
    const wrapper = { name: "x", version: "1", nanosecondsACall: 1, ratio, goal: 1, isMet };
    return { groups: [{ what: "", wrappers: [wrapper] }] };
  };

  it.each([
    [false, true],
    [true, false],
    [null, false],
  ])("with isMet %j is missed: %j", (isMet, isMissed) => {
    expect(isGoalMissed(overheadWith(isMet))).toBe(isMissed);
  });
});
