import { createHash } from "node:crypto";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, describe, it } from "vitest";
import { ResultsSchema } from "../../bench/results-schema.ts";
import { registry } from "../../policies/index.ts";
import { scenarios } from "../../src/scenarios/index.ts";
import { Folder, TINY } from "./cli.ts";

const folder = new Folder();
afterAll(() => folder.remove());
folder.write("tiny.json", TINY);
folder.write(
  "mine.ts",
  `import type { Policy } from "stormproof";
import { fullJitter } from "stormproof/policies";

const inner = fullJitter({ attemptsMax: 2 });

const mine: Policy = {
  name: "mine",
  initial: inner.initial,
  decide: (state, event, random) => inner.decide(state, event, random),
};

export default mine;
`,
);
const TINY_RUN = ["--scenario", "tiny.json", "--policy", "full-jitter", "--seeds", "3"];

const results = (name: string) =>
  ResultsSchema.parse(JSON.parse(readFileSync(join(folder.path, name), "utf8"))).results;

describe("pnpm bench", () => {
  it.concurrent("lists every scenario and policy", async ({ expect }) => {
    const { code, stdout } = await folder.bench(["--list"]);
    expect(code).toBe(0);
    for (const { name } of scenarios) expect(stdout).toContain(`\n${name} `);
    for (const name of Object.keys(registry)) expect(stdout).toContain(`\n${name} `);
  });

  it.concurrent("gives the same answer with one worker and with two, in plain text that fits the width", async ({
    expect,
  }) => {
    const cases = [
      { workers: "1", columns: 80 },
      { workers: "2", columns: 100 },
    ];
    const runs = cases.map(async ({ workers, columns }) => {
      const args = [...TINY_RUN, "--workers", workers, "--json", `${workers}.json`];
      const { code, stdout, stderr } = await folder.bench(args, { COLUMNS: `${columns}` });
      // No progress bar either: it would be on stderr.
      expect({ code, stderr }).toEqual({ code: 0, stderr: "" });
      // biome-ignore lint/suspicious/noControlCharactersInRegex: they are what must not be there.
      expect(stdout).not.toMatch(/[\x00-\x09\x0b-\x1f\x7f]/);
      const longest = Math.max(...stdout.split("\n").map((line) => line.length));
      expect(longest).toBeLessThanOrEqual(columns);
      return readFileSync(join(folder.path, `${workers}.json`), "utf8");
    });
    const [one, two] = await Promise.all(runs);
    expect(two).toBe(one);
  });

  it.concurrent("tells cohorts, kinds of calls and layers apart, under the table and as JSON", async ({
    expect,
  }) => {
    folder.write("kinds.json", {
      ...TINY,
      cohorts: [{ name: "half", share: 0.5, policy: "none" }],
      traffics: [{ name: "poll", load: { kind: "poll", everyMs: 1_000 } }],
      downstream: [{ name: "store" }],
    });
    const args = ["--scenario", "kinds.json", "--policy", "none", "--seeds", "2"];
    const { code, stdout } = await folder.bench([...args, "--json", "kinds-of.json"]);
    expect(code).toBe(0);
    const text = stdout.replaceAll(/\s+/g, " ");
    expect(text).toContain("The same clients also make other calls: poll ");
    expect(text).toContain(
      "Answered by cohort (and its amplification), with none under test: half ",
    );
    expect(text).toMatch(/Answered by kind of call .*: the scenario's own .* %.*, poll .* %/);
    const [{ calls, cohorts, traffics, downstream }] = results("kinds-of.json");
    expect(cohorts.map(({ name }) => name)).toEqual(["half", null]);
    expect(traffics.map(({ name }) => name)).toEqual([null, "poll"]);
    for (const groups of [cohorts, traffics]) {
      expect(groups.reduce((sum, group) => sum + group.calls, 0)).toBe(calls);
    }
    expect(downstream).toMatchObject([{ name: "store" }]);
  });

  it.concurrent("runs two days of a recording", async ({ expect }) => {
    folder.write("days.json", {
      ...TINY,
      runMs: 172_800_000,
      load: { kind: "recorded", atMs: [0, 60_000_000, 170_000_000] },
      trigger: { fromMs: 1_000, untilMs: 100_000_000 },
    });
    const args = ["--scenario", "days.json", "--policy", "none", "--seeds", "1"];
    const { code, stdout, stderr } = await folder.bench(args);
    expect({ code, stderr }).toEqual({ code: 0, stderr: "" });
    expect(stdout.replaceAll(/\s+/g, " ")).toContain("offered load 0 to 1/s as recorded (3 calls)");
  });

  it.concurrent("writes one result for a scenario, policy and lane, of a policy of one's own too", async ({
    expect,
  }) => {
    const { code, stdout, stderr } = await folder.bench([
      ...TINY_RUN,
      ...["--policy", "none", "--policy", "mine.ts", "--json", "shape.json"],
    ]);
    expect({ code, stderr }).toEqual({ code: 0, stderr: "" });
    const [none, jittered, mine] = results("shape.json");
    expect(jittered).toMatchObject({
      scenario: "tiny",
      policy: "full-jitter",
      lane: "sim",
      seeds: 3,
      recovered: { count: 3, of: 3, high: 1 },
      recoveryMs: { restrictedMean: 0, horizonMs: 3_500, never: 0 },
      agreement: { scenario: "msw-check", agrees: true, difference: null },
    });
    expect(none.attempts).toBe(none.calls);
    expect(none.amplification).toEqual({ mean: 1, low: 1, high: 1 });
    expect(jittered.attempts).toBeGreaterThan(jittered.calls);
    expect(mine).toMatchObject({ policy: "mine", agreement: { agrees: true } });
    expect(stdout).toMatch(/^\d=? +mine +\d/m);
    expect(folder.files()).not.toContainEqual(expect.stringMatching(/\.tmp$/));
  });

  it.concurrent("tells how many requests a call makes at each server of a chain", async ({
    expect,
  }) => {
    const faults = [{ kind: "partial", fromMs: 0, untilMs: 60_000, share: 1, status: 503 }];
    const downstream = [
      { name: "orders", caller: { policy: "none", timeoutMs: 5_000 } },
      { name: "database", caller: { policy: "fixed", timeoutMs: 5_000 }, faults },
    ];
    const calm = { clients: { count: 10, timeoutMs: 5_000 }, faults: [], trigger: undefined };
    const load = { kind: "open", arrivals: [{ fromMs: 0, perSecond: 5 }] };
    const whole = { warmUpMs: 0, patienceMs: 20_000 };
    folder.write("chain.json", { ...TINY, ...calm, ...whole, load, downstream });
    const { stdout } = await folder.bench(["--scenario", "chain.json", "--policy", "exponential"]);
    expect(stdout.replaceAll(/\s+/g, " ")).toContain(
      "Requests a call, at the servers behind, with exponential under test: orders 3.00, database 9.00.",
    );
  });

  it.concurrent("runs real fetch against MSW with --lane msw", async ({ expect }) => {
    const { stdout } = await folder.bench([
      ...TINY_RUN,
      "--seeds",
      "2",
      "--lane",
      "msw",
      "--json",
      "msw.json",
    ]);
    const [result] = results("msw.json");
    expect(result).toMatchObject({
      lane: "msw",
      seeds: 2,
      agreement: { scenario: "tiny", agrees: true },
    });
    expect(stdout).toMatch(/^full-jitter +tiny +agrees, \d+ requests$/m);
  });

  it.concurrent("replays a file, says which, and claims no recovery that nobody could see", async ({
    expect,
  }) => {
    const path = new URL("../recording/checkout.json", import.meta.url).pathname;
    const args = ["--scenario", path, "--policy", "none", "--seeds", "2"];
    const { code, stdout } = await folder.bench([...args, "--json", "replay.json"]);
    expect(code).toBe(0);
    expect(stdout).toMatch(/as recorded \(214 calls of 214 in checkout\.csv\)/);
    const log = readFileSync(new URL("../recording/checkout.csv", import.meta.url));
    const sha256 = createHash("sha256").update(log).digest("hex");
    const [result] = results("replay.json");
    expect(result.recordings).toEqual([{ file: "checkout.csv", sha256, rows: 214 }]);
    expect(result.calls).toBe(2 * 214);
    // Five calls a second are fewer than the hundred in three that it takes to tell.
    expect(result.recovered).toBeNull();
  });

  it.concurrent("tells one call's life with --explain", async ({ expect }) => {
    const args = ["--scenario", "tiny.json", "--policy", "full-jitter", "--explain", "1:60"];
    const { code, stdout } = await folder.bench(args);
    expect(code).toBe(0);
    expect(stdout).toMatch(
      /^tiny, full-jitter, seed 1: call 60 of \d+, which is call \d+ of client \d+\n/,
    );
    expect(stdout).toMatch(/^\S+ +\+0\.000 +starts\n\S+ +\+0\.000 +attempt 1 sent\n/m);
    expect(stdout.trimEnd()).toMatch(/ends after \d+ attempts?: \S+$/);
  });

  it.concurrent("ends quietly when nobody reads on", async ({ expect }) => {
    const { code, stderr } = await folder.closedEarly(["--list"]);
    expect({ code, stderr }).toEqual({ code: 0, stderr: "" });
  });

  it.concurrent("leaves nothing behind when interrupted", async ({ expect }) => {
    const { code, stdout, stderr } = await folder.interrupted(
      ["--json", "interrupted.json"],
      2_500,
    );
    expect({ code, stdout, stderr }).toEqual({ code: 130, stdout: "", stderr: "" });
    expect(folder.files()).not.toContainEqual(expect.stringMatching(/^interrupted/));
  });
});
