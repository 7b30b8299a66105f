/** That the record of the default jar holds what `pnpm bench:jars` prints; a cell of each kind that is cheap. */
import { readFileSync } from "node:fs";
import { afterAll, expect, test } from "vitest";
import type { Row } from "../../bench/jars/jars.ts";
import { columns } from "../../bench/jars/storms.ts";
import tryJar from "../../bench/jars/try-jar.ts";
import { budgeted, none, TOKENS_THOUSANDTHS } from "../../policies/index.ts";
import { Folder } from "./cli.ts";

const folder = new Folder("jars/main.ts");
afterAll(() => folder.remove());

const record = readFileSync(
  new URL("../../docs/decisions/0019-how-many-tokens.md", import.meta.url),
  "utf8",
);

function recorded(name: string, column: number): string {
  const line = record.split("\n").find((each) => each.startsWith(`${name}  `)) ?? "";
  return line.split(/ {2,}/)[column + 1];
}

test.each<[string, Row, number]>([
  ["3, 2", { tokensMax: 3, tokensInitial: 2 }, 1],
  ["3, 1", { tokensMax: 3, tokensInitial: 1 }, 1],
  ["3, 2", { tokensMax: 3, tokensInitial: 2 }, 3],
  ["3, 2", { tokensMax: 3, tokensInitial: 2 }, 8],
  ["no budget", "no budget", 6],
])("%s: %o, column %d", (name, row, column) => {
  expect(tryJar({ row, column, seeds: 5 }).cell).toBe(recorded(name, column));
});

test("the record is of the default jar", () => {
  const { claim, initial } = budgeted(none());
  expect(claim?.burstPerClient).toBe(3);
  expect(initial[TOKENS_THOUSANDTHS]).toBe(2_000);
});

test("every column has a place in the record", () => {
  expect(columns.map((_, column) => recorded("10, 10", column))).not.toContain(undefined);
});

test("pnpm bench:jars tells what it takes, and what it does not", async () => {
  const help = await folder.bench(["--help"]);
  expect(help.stdout).toContain("--seeds <count>");
  const wrong = await folder.bench(["--seeds", "none"]);
  expect(wrong.code).toBe(2);
  expect(wrong.stderr).toContain("--seeds");
});
