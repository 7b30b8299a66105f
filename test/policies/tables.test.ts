/** The table of waits in each policy's comment is what the policy does. */
import { readdirSync, readFileSync } from "node:fs";
import { describe, expect, test } from "vitest";
import * as policies from "../../policies/index.ts";
import type { Outcome, Policy } from "../../src/policy.ts";
import { Client } from "./drive.ts";

const ROOM = new URL("../../policies/", import.meta.url);
const WITHOUT_WAITS = [
  "flag-number.ts",
  "index.ts",
  "latencies.ts",
  "check-policy.ts",
  "options.ts",
  "registry.ts",
  "retrying.ts",
  "sliding-window.ts",
  "wrapping.ts",
];
const COLUMNS = 10;

interface Table {
  readonly expression: string;
  readonly seed: number;
  readonly outcome: Outcome;
  readonly cells: readonly string[];
}

function parseTable(source: string): Table | undefined {
  const comment = (source.match(/^\/\*\*[\s\S]*?\*\//)?.[0] ?? "").replaceAll(/\n \*\s?/g, "\n");
  const table =
    /Waits in ms of `([^`]+)`,\s+seed (\d+), each attempt `(\w+)(?: (\d+))?(?:, retry after (\d+) ms)?`/.exec(
      comment.replaceAll(/\s+/g, " "),
    );
  const row = /^\| wait \|(.*)$/m.exec(comment);
  if (table === null || row === null) return undefined;
  const [, expression, seed, kind, status, retryAfterMs] = table;
  const hint = retryAfterMs === undefined ? {} : { retryAfterMs: Number(retryAfterMs) };
  const outcome: Outcome =
    kind === "rejected" ? { kind, status: Number(status), ...hint } : { kind: "timeout" };
  const cells = row[1].split("|").map((cell) => cell.trim());
  return { expression, seed: Number(seed), outcome, cells: cells.slice(0, -1) };
}

/** What the first ten failures lead to: a wait, "reset" beside it, or why the call stops. */
function drive(policy: Policy, seed: number, outcome: Outcome): string[] {
  const client = new Client(policy, { seed });
  const call = client.begin();
  const cells: string[] = [];
  while (cells.length < COLUMNS && call.last.do === "send") {
    const { waitedMs, decision } = call.failAndWait(outcome);
    const mark = decision.do === "send" && decision.resetSession ? " reset" : "";
    cells.push(decision.do === "stop" ? decision.why : `${waitedMs}${mark}`);
  }
  return [...cells, ...new Array<string>(COLUMNS - cells.length).fill("")];
}

/** As it stands in the comment, to be pasted there. */
function asRow(cells: readonly string[]): string {
  return ` * | wait | ${cells.join(" | ")} |`.replaceAll(/ +\|/g, " |");
}

function evaluate(expression: string): Policy {
  const names = Object.keys(policies);
  return new Function(...names, `return ${expression}`)(...Object.values(policies));
}

describe("the first ten waits in the doc comment", () => {
  const files = readdirSync(ROOM).filter((f) => f.endsWith(".ts") && !WITHOUT_WAITS.includes(f));

  test.each(files)("%s", (file) => {
    const table = parseTable(readFileSync(new URL(file, ROOM), "utf8"));
    if (table === undefined) throw new Error(`Expected a table of waits in policies/${file}.`);
    const cells = drive(evaluate(table.expression), table.seed, table.outcome);
    expect(asRow(table.cells)).toBe(asRow(cells));
  });

  test("are read: a changed cell is seen", () => {
    const source = readFileSync(new URL("full-jitter.ts", ROOM), "utf8");
    const table = parseTable(source.replace(/\| wait \| \d+/, "| wait | 0"));
    expect(table?.cells).toHaveLength(COLUMNS);
    expect(table?.cells[0]).toBe("0");
  });
});
