/** The README's table of what to write instead of other libraries. */
import { readFileSync } from "node:fs";

export interface Row {
  readonly before: string;
  readonly after: string;
}

/** By the library's name. */
export function readmeRows(): ReadonlyMap<string, Row> {
  const readme = readFileSync(new URL("../../README.md", import.meta.url), "utf8");
  const table = /<!-- migration -->\n([\s\S]*?)<!-- \/migration -->/.exec(readme)?.[1] ?? "";
  const [, , ...rows] = table.trim().split("\n");
  return new Map(
    rows.map((row) => {
      const [, from, before, after] = row.split("|").map((cell) => cell.trim());
      return [from, { before: codeOf(before), after: codeOf(after) }];
    }),
  );
}

function codeOf(cell: string): string {
  return /^`(.*)`$/.exec(cell)?.[1] ?? "";
}

/** What the code comes to, with these names in scope. */
export function evaluate(code: string, scope: Readonly<Record<string, unknown>>): unknown {
  return new Function(...Object.keys(scope), `"use strict"; return (${code});`)(
    ...Object.values(scope),
  );
}
