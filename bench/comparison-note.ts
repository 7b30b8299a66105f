/** Where a policy is worse than a simpler one, said plainly under each table. */
import { signedPoints } from "./numbers.ts";
import { differences, type Ranking } from "./ranking.ts";
import type { Row } from "./results.ts";
import { meanInterval } from "./statistics.ts";

/** @param rows from the simplest policy to the most composed */
export function comparisonNote(rows: readonly Row[], ranking: Ranking): string {
  if (rows.length < 2) return "";
  if (rows[0].result.seeds < 2) return "One seed: no intervals, no comparisons, no ranks.";
  const worse = rows.flatMap((row, index) => {
    const better = bestOf(rows.slice(0, index), ranking);
    if (better === undefined || ranking.verdict(row, better).answered >= 0) return [];
    const interval = meanInterval(differences(row.answeredShares, better.answeredShares));
    return [
      { row: row.result.policy, better: better.result.policy, points: signedPoints(interval) },
    ];
  });
  if (worse.length === 0) return "No policy answers less than a simpler one.";
  const byBetter = [...Map.groupBy(worse, ({ better }) => better)].map(([better, rest]) => {
    const byPoints = [...Map.groupBy(rest, ({ points }) => points)].map(
      ([points, same]) => `${points} ${same.map(({ row }) => row).join(", ")}`,
    );
    return `than ${better}: ${byPoints.join("; ")}.`;
  });
  return `Worse than a simpler policy, in points of answered share, paired: ${byBetter.join(" And ")}`;
}

function bestOf(rows: readonly Row[], ranking: Ranking): Row | undefined {
  return ranking.ranked.map(({ row }) => row).find((row) => rows.includes(row));
}
