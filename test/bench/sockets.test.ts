/** That `pnpm bench:sockets` works and judges as it says; never how fast anything is. */
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, describe, expect, it, test } from "vitest";
import { makePolicy } from "../../bench/policy-choice.ts";
import { withLoopLag } from "../../bench/sockets/loop-lag.ts";
import { repeatDisturbed } from "../../bench/sockets/repeat-disturbed.ts";
import { socketScenarios } from "../../bench/sockets/scenarios.ts";
import { SocketsSchema } from "../../bench/sockets/schema.ts";
import { findingsOf, LAG_MAX_MS } from "../../bench/sockets/verdict.ts";
import { amplification, goodputPerSecond, loadPerSecond } from "../../src/measure/formulas.ts";
import { RunMeter } from "../../src/measure/run-figures.ts";
import type { Tally } from "../../src/measure/tally.ts";
import { simulate } from "../../src/sim/simulation.ts";
import { turn } from "../virtual-clock.ts";
import { Folder } from "./cli.ts";

const POLICIES = ["none", "exponential", "vetted"];

const folder = new Folder("sockets/main.ts");
afterAll(() => folder.remove());

describe("pnpm bench:sockets", () => {
  it.concurrent("compares every figure of every policy in every scenario", async ({ expect }) => {
    const { code, stdout, stderr } = await folder.bench(["--smoke", "--json", "all.json"]);
    expect({ code, stderr }).toEqual({ code: 0, stderr: "" });
    const text = readFileSync(join(folder.path, "all.json"), "utf8");
    const { results } = SocketsSchema.parse(JSON.parse(text));
    const names = socketScenarios.map(({ name }) => name);
    expect(results.map(({ scenario, policy }) => `${scenario} ${policy}`)).toEqual(
      names.flatMap((name) => POLICIES.map((policy) => `${name} ${policy}`)),
    );
    for (const { calls, attempts, findings } of results) {
      expect(calls).toBeGreaterThan(10);
      expect(attempts).toBeGreaterThanOrEqual(calls);
      expect(attempts).toBeLessThan(400);
      expect(findings.map(({ figure }) => figure)).toEqual(["load", "goodput", "amplification"]);
      for (const { simulator, sockets, verdict } of findings) {
        expect(simulator).toBeGreaterThan(0);
        // A machine that stands still for as long as a run takes answers nobody.
        expect(sockets).toBeGreaterThanOrEqual(0);
        expect(verdict).toBe("not judged");
      }
    }
    for (const name of names) expect(stdout).toMatch(new RegExp(`^${name}: `, "m"));
    expect(stdout.match(/^The event loop was late by: none /gm)).toHaveLength(names.length);
    expect(stdout).toContain("\nSmoke: ");
  });

  it.concurrent("takes a scenario, a policy file and a seed of one's choice", async ({
    expect,
  }) => {
    folder.write(
      "mine.ts",
      'export default { name: "mine", initial: {}, decide: () => ({ do: "send" }) };\n',
    );
    const args = ["--smoke", "-s", "slowdown", "-p", "./mine.ts", "--seed", "7"];
    const { code, stderr } = await folder.bench([...args, "--json", "mine.json"]);
    expect({ code, stderr }).toEqual({ code: 0, stderr: "" });
    const text = readFileSync(join(folder.path, "mine.json"), "utf8");
    const [{ scenario, policy, seed }, ...others] = SocketsSchema.parse(JSON.parse(text)).results;
    expect({ scenario, policy, seed, others }).toEqual({
      scenario: "slowdown",
      policy: "mine",
      seed: 7,
      others: [],
    });
  });

  it.concurrent("leaves nothing behind when interrupted", async ({ expect }) => {
    const ended = await folder.interrupted(["--json", "interrupted.json"], 3_000);
    expect(ended).toEqual({ code: 130, stdout: "", stderr: "" });
    expect(folder.files()).not.toContainEqual(expect.stringMatching(/^interrupted/));
  });

  it.concurrent.for([
    ["--scenario slowdwn", 'got "slowdwn", did you mean "slowdown"?'],
    ["--policy vettd", 'got "vettd", did you mean "vetted"?'],
    ["--seed 0", "from 1 to"],
    ["--rounds 3", "option '--rounds'"],
  ] as const)("refuses %s in one sentence", async ([line, sentence], { expect }) => {
    const { code, stdout, stderr } = await folder.bench(line.split(" "));
    expect({ code, stdout }).toEqual({ code: 2, stdout: "" });
    expect(stderr).toContain(sentence);
    expect(stderr.trim().split("\n")).toHaveLength(1);
  });
});

describe("the verdict", () => {
  const [scenario] = socketScenarios;
  const seconds = (scenario.runMs - scenario.warmUpMs) / 1000;

  /** 100 calls in the simulator, of which 50 are answered, and as many through sockets. */
  function goodput({ answered, lagMs = 0, cut = false, ofSimulator = 50, nudged = [] }: Goodput) {
    const pair = {
      scenario,
      policy: "none",
      seed: 1,
      simulator: figures(ofSimulator),
      nudged: nudged.map(figures),
      sockets: figures(answered),
      cut,
      lag: { meanMs: lagMs, maxMs: lagMs },
      runs: 1,
    };
    return findingsOf(pair, true)[1];
  }

  interface Goodput {
    readonly answered: number;
    readonly lagMs?: number;
    readonly cut?: boolean;
    readonly ofSimulator?: number;
    readonly nudged?: readonly number[];
  }

  function figures(answered: number) {
    const meter = new RunMeter(scenario);
    for (let call = 1; call <= 100; call++) {
      meter.callStarted(1e6);
      meter.requestSent(1e6, 0, call, 1, 0);
      if (call <= answered) meter.callEnded(2e6, 0, call, 1, 1e6, "answered");
    }
    return meter.figures();
  }

  test("goes by the difference of what is measured", () => {
    expect(goodput({ answered: 48 })).toEqual({
      figure: "goodput",
      simulator: 50 / seconds,
      scatter: { low: 0, high: 0 },
      sockets: 48 / seconds,
      difference: expect.closeTo(-0.04),
      verdict: "agrees",
    });
  });

  test("comes with how far the simulator itself scatters, which does not excuse anything", () => {
    const { scatter, verdict } = goodput({ answered: 40, nudged: [49, 40, 51] });
    expect(scatter).toEqual({ low: expect.closeTo(-0.2), high: expect.closeTo(0.02) });
    expect(verdict).toBe("differs");
  });

  test.each([
    [{ answered: 54 }, "agrees"],
    [{ answered: 56 }, "differs"],
    [{ answered: 46 }, "agrees"],
    [{ answered: 44 }, "differs"],
    [{ answered: 44, lagMs: LAG_MAX_MS }, "differs"],
    [{ answered: 44, lagMs: LAG_MAX_MS + 1 }, "too slow"],
    [{ answered: 46, lagMs: LAG_MAX_MS + 1 }, "agrees"],
    [{ answered: 50, cut: true }, "cut"],
    [{ answered: 0, ofSimulator: 0 }, "agrees"],
    [{ answered: 1, ofSimulator: 0 }, "differs"],
  ] as const)("on %o is: %s", (given, verdict) => {
    expect(goodput(given).verdict).toBe(verdict);
  });
});

describe("disturbed runs are repeated", () => {
  const pair = (policy: string, meanMs: number) => ({ policy, lag: { meanMs, maxMs: 0 }, runs: 1 });
  const told = (pairs: readonly ReturnType<typeof pair>[]) =>
    pairs.map(({ policy, lag, runs }) => `${policy} ${lag.meanMs} ms, ${runs}`);

  test("the worst first, until all are calm, and the calmer counts", async () => {
    const lags = [60, 12, 4, 3];
    const asked: number[] = [];
    const again = async (index: number) => {
      asked.push(index);
      return pair("again", lags[asked.length - 1]);
    };
    const first = [pair("calm", 2), pair("bad", 50), pair("worse", 80)];
    const pairs = await repeatDisturbed(first, { hasTime: () => true, again });
    expect(asked).toEqual([2, 2, 1, 2]);
    expect(told(pairs)).toEqual(["calm 2 ms, 1", "again 4 ms, 2", "again 3 ms, 4"]);
  });

  test("not when none is, and no longer than there is time", async () => {
    const again = async () => pair("again", 99);
    const calm = [pair("calm", 2)];
    expect(await repeatDisturbed(calm, { hasTime: () => true, again })).toEqual(calm);
    let left = 2;
    const pairs = await repeatDisturbed([pair("bad", 50)], { hasTime: () => left-- > 0, again });
    expect(told(pairs)).toEqual(["bad 50 ms, 3"]);
  });
});

test("an event loop that is held up is late by that", async () => {
  /** As long as a timer of 1 ms needs to fire, however the loop is. */
  const turnAWhile = async () => {
    for (const fromMs = performance.now(); performance.now() < fromMs + 10; ) await turn();
  };
  const { lag } = await withLoopLag(async () => {
    await turnAWhile();
    for (const fromMs = performance.now(); performance.now() < fromMs + 60; );
    await turnAWhile();
  });
  expect(lag.maxMs).toBeGreaterThan(50);
});

test("docs/model.md tells what the simulator says today", async () => {
  const model = readFileSync(new URL("../../docs/model.md", import.meta.url), "utf8");
  const [, section] = /<!-- sockets -->\n([\s\S]*?)<!-- \/sockets -->/.exec(model) ?? [];
  const told = section
    .trim()
    .split("\n")
    .slice(2)
    .map((row) => row.split("|").map((cell) => cell.trim()));
  const columns = { scenario: 1, policy: 2, load: 3, goodput: 5, amplification: 8 };
  const names = socketScenarios.flatMap(({ name }) => POLICIES.map((policy) => [name, policy]));
  expect(told.map((row) => [row[columns.scenario], row[columns.policy]])).toEqual(names);
  for (const row of told) {
    const scenario = socketScenarios.find(({ name }) => name === row[columns.scenario]);
    if (scenario === undefined) throw new Error(`No scenario ${row[columns.scenario]}.`);
    const policy = await makePolicy({ name: row[columns.policy] }, scenario);
    const totals = [1, 2, 3, 4, 5].map((seed) => {
      const meter = new RunMeter(scenario);
      simulate({ scenario, policy, seed, trace: meter });
      return meter.figures().total;
    });
    const mean = (of: (tally: Tally) => number) =>
      totals.reduce((sum, tally) => sum + of(tally), 0) / totals.length;
    expect([row[columns.load], row[columns.goodput], row[columns.amplification]]).toEqual([
      `${mean((tally) => loadPerSecond(scenario, tally)).toFixed(1)}/s`,
      `${mean((tally) => goodputPerSecond(scenario, tally)).toFixed(1)}/s`,
      mean((tally) => amplification(tally) ?? 0).toFixed(2),
    ]);
  }
});
