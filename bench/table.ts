/** The table of one scenario. */
import Table from "cli-table3";
import { duration, factor, percent, seconds, secondsInterval } from "./numbers.ts";
import type { Ranked } from "./ranking.ts";
import type { Result } from "./results-schema.ts";

/** From here on there is room for spaces; below, the table fits 80 columns. */
const ROOMY = 98;

/** Below this a recovery would be printed as 0.0 s. */
const AT_ONCE_MS = 50;

const HEAD = [
  "#",
  "policy",
  "answered\nshare",
  "ampli-\nfication",
  "recovered",
  "p99",
  "late\nwork",
  "MSW\nagrees",
];

export function tableOf(ranked: readonly Ranked[], columns: number): string {
  const isRoomy = columns >= ROOMY;
  const rows = ranked.map(({ row, rank }) => {
    const cells = [rank, ...cellsOf(row.result)];
    return isRoomy ? cells : cells.map(tightened);
  });
  return plainTable(HEAD, rows, isRoomy ? "  " : " ");
}

/** Columns and one rule below the head: no borders, no colours. */
export function plainTable(
  head: readonly string[],
  rows: readonly (readonly string[])[],
  gap = "  ",
): string {
  const table = new Table({
    head: [...head],
    chars: { ...NO_BORDERS, middle: gap, "mid-mid": "─".repeat(gap.length) },
    style: { head: [], border: [], compact: true, "padding-left": 0, "padding-right": 0 },
  });
  table.push(...rows.map((row) => [...row]));
  return table
    .toString()
    .split("\n")
    .map((line) => line.trimEnd())
    .join("\n");
}

const NO_BORDERS = {
  top: "",
  "top-mid": "",
  "top-left": "",
  "top-right": "",
  bottom: "",
  "bottom-mid": "",
  "bottom-left": "",
  "bottom-right": "",
  left: "",
  "left-mid": "",
  mid: "─",
  right: "",
  "right-mid": "",
};

function cellsOf(result: Result): string[] {
  return [
    result.policy,
    percent(result.answeredShare, 1),
    factor(result.amplification),
    recoveredCell(result),
    p99Cell(result),
    percent(result.lateWorkShare, 0),
    result.agreement.agrees ? "yes" : "NO",
  ];
}

function p99Cell({ calls, p99Ms }: Result): string {
  if (calls === 0) return "–";
  return p99Ms === null ? "> 1 %" : duration(p99Ms);
}

/** A mean is shown for seeds that recovered; when some never did, it says to what it is restricted. */
function recoveredCell({ recovered, recoveryMs }: Result): string {
  if (recovered === null || recoveryMs === null) return "–";
  const { count, of, low, high } = recovered;
  const { restrictedMean: mean, horizonMs } = recoveryMs;
  if (count === 0) return `0/${of} never`;
  if (count === of && mean < AT_ONCE_MS) return `${count}/${of} at once`;
  const time = secondsInterval({ mean, low: recoveryMs.low, high: recoveryMs.high });
  if (count === of) return `${count}/${of} in ${time}`;
  const share = `${(low * 100).toFixed(0)}–${(high * 100).toFixed(0)} %`;
  return `${count}/${of} (${share})\nmean ≤${seconds(horizonMs)}: ${time}`;
}

function tightened(cell: string): string {
  return cell
    .replaceAll(" ±", "±")
    .replaceAll(" %", "%")
    .replace(" in ", " ")
    .replace(/(±[\d.]+) s/, "$1s");
}
