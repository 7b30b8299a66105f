/** docs/model.md has every row of docs/published, which the tests beside this one write. Run twice to update. */
import { globSync, readFileSync } from "node:fs";
import { basename } from "node:path";
import { expect, test } from "vitest";
import { PAGE_HEAD } from "./publish.ts";

const DOCS = new URL("../../docs/", import.meta.url);
const MARK = /(<!-- published -->\n)[\s\S]*?(<!-- \/published -->)/;

const pages = globSync("published/*.md", { cwd: DOCS }).sort();

test("every source has a page, and every page a source", () => {
  const sources = globSync("*.test.ts", { cwd: import.meta.dirname });
  const names = sources
    .map((path) => basename(path, ".test.ts"))
    .filter((name) => name !== "model");
  expect(pages.map((page) => basename(page, ".md"))).toEqual(names.sort());
});

test("the table of docs/model.md is that of the pages", async () => {
  const model = readFileSync(new URL("model.md", DOCS), "utf8");
  expect(model).toMatch(MARK);
  const updated = model.replace(MARK, (_all, from, to) => `${from}${table()}${to}`);
  await expect(updated).toMatchFileSnapshot("../../docs/model.md");
});

function table(): string {
  const head = ["source", ...PAGE_HEAD];
  const rows = [head.join(" | "), head.map(() => "---").join(" | "), ...pages.flatMap(rowsOf)];
  return rows.map((row) => `| ${row} |\n`).join("");
}

function rowsOf(page: string): readonly string[] {
  const lines = readFileSync(new URL(page, DOCS), "utf8").split("\n");
  const rows = lines.filter((line) => line.startsWith("| "));
  return rows.slice(2).map((row) => `[${basename(page, ".md")}](${page}) | ${row.slice(2, -2)}`);
}
