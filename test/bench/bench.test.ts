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

  it.concurrent("gives the same answer with one worker and with two", async ({ expect }) => {
    const runs = [1, 2].map((workers) =>
      folder.bench([...TINY_RUN, "--workers", `${workers}`, "--json", `${workers}.json`]),
    );
    const [one, two] = await Promise.all(runs);
    expect(two).toEqual(one);
    expect(readFileSync(join(folder.path, "1.json"), "utf8")).toBe(
      readFileSync(join(folder.path, "2.json"), "utf8"),
    );
  });

  it.concurrent("writes one result for a scenario, policy and lane", async ({ expect }) => {
    const { code, stderr } = await folder.bench([
      ...TINY_RUN,
      "-p",
      "none",
      "--json",
      "shape.json",
    ]);
    expect({ code, stderr }).toEqual({ code: 0, stderr: "" });
    const [jittered, none] = results("shape.json");
    expect(jittered).toMatchObject({
      scenario: "tiny",
      policy: "full-jitter",
      lane: "sim",
      seeds: 3,
      recovered: { count: 3, of: 3, high: 1 },
      recoveryMs: { restrictedMean: 0, horizonMs: 4_500, never: 0 },
      agreement: { scenario: "msw-check", agrees: true, difference: null },
    });
    expect(none.attempts).toBe(none.calls);
    expect(none.amplification).toEqual({ mean: 1, low: 1, high: 1 });
    expect(jittered.attempts).toBeGreaterThan(jittered.calls);
    expect(folder.files()).not.toContainEqual(expect.stringMatching(/\.tmp$/));
  });

  it.concurrent("runs real fetch against MSW with --lane msw", async ({ expect }) => {
    const { stdout } = await folder.bench([...TINY_RUN, "--lane", "msw", "--json", "msw.json"]);
    const [result] = results("msw.json");
    expect(result).toMatchObject({
      lane: "msw",
      seeds: 3,
      agreement: { scenario: "tiny", agrees: true },
    });
    expect(stdout).toMatch(/^full-jitter +tiny +agrees, \d+ requests$/m);
  });

  it.concurrent("benches a policy of one's own by its path", async ({ expect }) => {
    const { code, stdout } = await folder.bench([
      ...TINY_RUN,
      "--policy",
      "mine.ts",
      "--seeds",
      "2",
    ]);
    expect(code).toBe(0);
    expect(stdout).toMatch(/^\d=? +mine +\d/m);
  });

  it.concurrent("pipes plain text that fits the width, without a progress bar", async ({
    expect,
  }) => {
    for (const columns of [80, 100]) {
      const { stdout, stderr } = await folder.bench(TINY_RUN, { COLUMNS: `${columns}` });
      // biome-ignore lint/suspicious/noControlCharactersInRegex: they are what must not be there.
      expect(stdout).not.toMatch(/[\x00-\x09\x0b-\x1f\x7f]/);
      expect(Math.max(...stdout.split("\n").map((line) => line.length))).toBeLessThanOrEqual(
        columns,
      );
      expect(stderr).toBe("");
    }
  });

  it.concurrent("tells one call's life with --explain", async ({ expect }) => {
    const args = ["--scenario", "tiny.json", "--policy", "full-jitter", "--explain", "1:60"];
    const { code, stdout } = await folder.bench(args);
    expect(code).toBe(0);
    expect(stdout).toMatch(
      /^tiny, full-jitter, seed 1: call 60 of \d+, which is call \d+ of client \d+\n/,
    );
    expect(stdout).toMatch(/^\S+ +\+0\.000 +starts\n\S+ +\+0\.000 +attempt 1 sent\n/m);
    expect(stdout.trimEnd()).toMatch(/ends after \d+ attempts: \S+$/);
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
