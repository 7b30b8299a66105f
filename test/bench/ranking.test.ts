import { describe, expect, it } from "vitest";
import { Ranking } from "../../bench/ranking.ts";
import type { Row } from "../../bench/results.ts";
import type { Result } from "../../bench/results-schema.ts";
import { meanInterval, wilsonInterval } from "../../bench/statistics.ts";
import type { Recovery } from "../../src/measure/recovery.ts";

const HORIZON_MS = 40_000;

/** What matters of a row: its shares and recoveries by seed. */
function row(policy: string, shares: readonly number[], recoveries: readonly Recovery[]): Row {
  const restricted = recoveries.map((each) => (each === "never" ? HORIZON_MS : Number(each)));
  const { mean: restrictedMean, low, high } = meanInterval(restricted);
  const never = recoveries.filter((each) => each === "never").length;
  const count = recoveries.length - never;
  const result: Result = {
    scenario: "made-up",
    policy,
    lane: "sim",
    seeds: shares.length,
    recordings: [],
    calls: 0,
    attempts: 0,
    requests: 0,
    answeredShare: meanInterval(shares),
    answeredShareOfDemand: null,
    amplification: null,
    amplificationFromTrigger: null,
    recovered: { count, of: recoveries.length, ...wilsonInterval(count, recoveries.length) },
    recoveryMs: { restrictedMean, low, high, horizonMs: HORIZON_MS, never },
    p99Ms: null,
    lateWorkShare: null,
    cutSeeds: 0,
    cohorts: [],
    traffics: [],
    downstream: [],
    agreement: { scenario: "made-up", requests: 0, agrees: true, difference: null },
  };
  return {
    result,
    answeredShares: shares,
    recoveries,
    stateAtTrigger: {},
  };
}

/** Twenty seeds about a mean; the same noise for everybody, as on the same seeds. */
const around = (mean: number, noise: number): number[] =>
  Array.from({ length: 20 }, (_, seed) => mean + noise * Math.sin(seed * 7));
const ALL_SOON = around(5_000, 100);
const NEVER = ALL_SOON.map(() => "never" as const);

const ranks = (...rows: Row[]): Record<string, string> =>
  Object.fromEntries(new Ranking(rows).ranked.map(({ row, rank }) => [row.result.policy, rank]));

describe("A ranking", () => {
  it("ties rows whose answered shares differ by less than 1 %, however surely", () => {
    const rows = [row("a", around(0.9, 0.01), ALL_SOON), row("b", around(0.905, 0.01), ALL_SOON)];
    expect(ranks(...rows)).toEqual({ b: "1=", a: "1=" });
  });

  it("tells apart what the same seeds tell apart, though the intervals overlap", () => {
    const rows = [row("a", around(0.9, 0.2), ALL_SOON), row("b", around(0.92, 0.2), ALL_SOON)];
    expect(ranks(...rows)).toEqual({ b: "1", a: "2" });
  });

  it("lets recovery decide where the answered share ties", () => {
    const share = around(0.9, 0.01);
    const later = ALL_SOON.map((each) => each + 2_000);
    const rows = [
      row("never", share, NEVER),
      row("later", share, later),
      row("soon", share, ALL_SOON),
    ];
    expect(ranks(...rows)).toEqual({ soon: "1", later: "2", never: "3" });
  });

  it("gives ties the best place and leaves the next ones empty", () => {
    const rows = [
      row("a", around(0.5, 0.01), NEVER),
      row("b", around(0.5, 0.01), NEVER),
      row("c", around(0.3, 0.01), NEVER),
    ];
    expect(ranks(...rows)).toEqual({ a: "1=", b: "1=", c: "3" });
  });

  it("asks for more of a difference the more comparisons there are (Holm)", () => {
    const same = around(0.5, 0);
    const two = [row("a", same, ALL_SOON), row("b", around(0.52, 0.02), ALL_SOON)];
    const crowd = Array.from({ length: 10 }, (_, index) => row(`c${index}`, same, ALL_SOON));
    expect(new Ranking(two).verdict(two[0], two[1]).answered).toBe(-1);
    expect(new Ranking([...two, ...crowd]).verdict(two[0], two[1]).answered).toBe(0);
  });

  it("ranks nobody on one seed", () => {
    expect(ranks(row("a", [0.9], [0]), row("b", [0.1], ["never"]))).toEqual({ a: "–", b: "–" });
  });
});
