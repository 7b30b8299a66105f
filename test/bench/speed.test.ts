/** That `pnpm bench:speed` works, and that it cannot be fooled; never how fast anything is. */
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, describe, expect, it, test } from "vitest";
import { median } from "../../bench/median.ts";
import { goalsOf } from "../../bench/speed/goals.ts";
import { disagreements, measuredIn } from "../../bench/speed/peers/agreement.ts";
import { findSimPy, PYTHONS, withoutSimPy } from "../../bench/speed/peers/simpy.ts";
import { runStormproof } from "../../bench/speed/peers/stormproof.ts";
import { WORKLOAD } from "../../bench/speed/peers/workload.ts";
import { exitCode } from "../../bench/speed/speed.ts";
import { type Goal, type Speed, SpeedSchema } from "../../bench/speed/speed-schema.ts";
import { Folder } from "./cli.ts";

const folder = new Folder("speed/main.ts");
afterAll(() => folder.remove());

describe("pnpm bench:speed", () => {
  it.concurrent("measures every part, and finds every peer in agreement", async ({ expect }) => {
    const { code, stdout, stderr } = await folder.bench(["--smoke", "--json", "speed.json"]);
    expect({ code, stderr }).toEqual({ code: 0, stderr: "" });
    const text = readFileSync(join(folder.path, "speed.json"), "utf8");
    const { peers, sizes, policies, workers, skipped, goals } = SpeedSchema.parse(JSON.parse(text));
    expect(sizes.map(({ clients }) => clients)).toEqual([1_000, 10_000]);
    expect(sizes[1].eventsOfRun).toBeGreaterThan(5 * sizes[0].eventsOfRun);
    expect(policies).not.toBeNull();
    expect(workers).not.toBeNull();
    const names = peers.map(({ name }) => name.split(",")[0]);
    const isSimPyHere = findSimPy(PYTHONS) !== undefined;
    expect(new Set(names)).toEqual(
      new Set(["Stormproof", ...(isSimPyHere ? ["SimPy"] : []), "simjs"]),
    );
    expect(skipped).toHaveLength(isSimPyHere ? 0 : 1);
    expect(peers.flatMap((peer) => peer.disagreements)).toEqual([]);
    expect(goals.map(({ measured }) => measured)).toEqual(goals.map(() => null));
    expect(stdout).toContain("simjs, a facility 2");
    expect(folder.files()).not.toContainEqual(expect.stringMatching(/\.tmp$/));
  });

  it.concurrent("leaves nothing behind when interrupted", async ({ expect }) => {
    const ended = await folder.interrupted(
      ["--only", "sizes", "--json", "interrupted.json"],
      2_000,
    );
    expect(ended).toEqual({ code: 130, stdout: "", stderr: "" });
    expect(folder.files()).not.toContainEqual(expect.stringMatching(/^interrupted/));
  });

  it.concurrent("says what it expected in place of a part it does not know", async ({ expect }) => {
    const { code, stderr } = await folder.bench(["--only", "size"]);
    expect({ code, stderr }).toEqual({
      code: 2,
      stderr:
        'Expected --only to be one of "peers", "sizes", "policies", "workers", got "size", did you mean "sizes"?\n',
    });
  });
});

describe("a peer agrees", () => {
  const LENGTH = { warmUpSeconds: 5, batches: 20, batchSeconds: 1 };
  const measured = (seed: number, other: Partial<Record<keyof typeof WORKLOAD, number>> = {}) =>
    measuredIn(runStormproof({ ...WORKLOAD, ...other }, { ...LENGTH, seed }).batches, 1);

  test("when it simulates the same queue on another seed", () => {
    expect(disagreements(measured(1), measured(2))).toEqual([]);
  });

  test.each([
    ["a worker less", { workers: 9 }, "throughputPerSecond"],
    ["half the queue", { places: 25 }, "responseMs"],
    ["an attempt less", { attemptsMax: 4 }, "attemptsPerCall"],
    ["a tenth more calls", { arrivalsPerSecond: 1_210 }, "lossShare"],
    ["a wait half as long", { delayBaseSeconds: 0.05 }, "responseMs"],
  ])("but not with %s", (_what, other, measure) => {
    expect(disagreements(measured(1), measured(2, other))).toContain(measure);
  });
});

describe("SimPy", () => {
  test("is not found where there is no Python", () => {
    expect(findSimPy(["./no-such-python"])).toBeUndefined();
  });

  test("is skipped by name, with the way to get it", () => {
    expect(withoutSimPy(["./no-such-python"])).toMatch(
      /^SimPy: skipped, for \.\/no-such-python cannot import it\. .*apt-get install python3-simpy/,
    );
  });
});

describe("a goal", () => {
  const nothing = { peers: [], sizes: [], growth: null, policies: null, workers: null };
  const growthIn = (goals: readonly Goal[]) =>
    goals.find(({ what }) => what.startsWith("cost of an event, 40,000,000"));

  test.each([
    [1.99, true],
    [2, false],
    [null, null],
  ])("of less than 2 with %j measured is met: %j", (growth, isMet) => {
    expect(growthIn(goalsOf({ ...nothing, growth }))).toMatchObject({ measured: growth, isMet });
  });

  const missed: Pick<Speed, "peers" | "goals"> = {
    peers: [],
    goals: goalsOf({ ...nothing, growth: 3 }),
  };

  test("that is missed fails the bench with --check alone", () => {
    expect(exitCode(missed, { check: false })).toBe(0);
    expect(exitCode(missed, { check: true })).toBe(1);
  });

  test("that is met, or was not measured, does not", () => {
    const met = { peers: [], goals: goalsOf({ ...nothing, growth: 1 }) };
    expect(exitCode(met, { check: true })).toBe(0);
  });
});

test("a peer that simulates something else fails the bench, --check or not", () => {
  const interval = { mean: 1, low: 1, high: 1 };
  const other = {
    name: "other",
    version: "1",
    eventsPerSecond: 1,
    ratio: 1,
    lossShare: interval,
    throughputPerSecond: interval,
    attemptsPerCall: interval,
    responseMs: interval,
  };
  const peers = [{ ...other, disagreements: ["responseMs" as const] }];
  expect(exitCode({ peers, goals: [] }, { check: false })).toBe(1);
  expect(exitCode({ peers: [{ ...other, disagreements: [] }], goals: [] }, { check: true })).toBe(
    0,
  );
});

test.each([
  [[3], 3],
  [[5, 1, 3], 3],
  [[4, 1, 3, 2], 2.5],
])("the median of %j is %d", (values, middle) => {
  expect(median(values)).toBe(middle);
});
