/** docs/api.md is what the doc comments say, and leaves nothing out. */
import { describe, expect, test } from "vitest";
import { FETCH_CALL_CHECKS, FETCH_CHECKS } from "../../src/fetch/options.ts";
import { CALL_CHECKS, RETRY_CHECKS } from "../../src/retry/options.ts";
import { ENTRIES, sourceOf, specifierOf } from "../package/entries.ts";
import { apiPage } from "./api-page.ts";
import { entryAt } from "./declarations.ts";

const page = apiPage();

/** An entry's part of the page. */
function sectionOf(entry: string): string {
  return (
    page.split(/^(?=## )/m).find((part) => part.startsWith(`## ${specifierOf(entry)}\n`)) ?? ""
  );
}

test("docs/api.md is up to date", async () => {
  await expect(page).toMatchFileSnapshot("../../docs/api.md");
});

describe.each(ENTRIES)("%s", (entry) => {
  test("names all that it exports at run time", async () => {
    const names = Object.keys(await import(/* @vite-ignore */ `../../${sourceOf(entry)}`));
    expect(names.length).toBeGreaterThan(0);
    for (const name of names) expect(sectionOf(entry)).toContain(`- [\`${name}\`]`);
  });

  test("has a line, or a table, for each of its types", () => {
    for (const { name, isType } of entryAt(sourceOf(entry)).exports) {
      const head = new RegExp(`^(?:- \\[\`${name}\`\\]|### \\[${name}\\])`, "m");
      if (isType) expect(sectionOf(entry)).toMatch(head);
    }
  });

  test("says something of all that is not a mere type", () => {
    for (const { name, isType, doc } of entryAt(sourceOf(entry)).exports) {
      if (!isType) expect([name, doc]).not.toEqual([name, ""]);
    }
  });
});

test.each([
  [".", RETRY_CHECKS],
  [".", CALL_CHECKS],
  ["./fetch", FETCH_CHECKS],
  ["./fetch", FETCH_CALL_CHECKS],
])("%s: every option that is checked is in a table", (entry, checks) => {
  const tables = `${sectionOf(".")}${sectionOf(entry)}`;
  for (const option of Object.keys(checks)) {
    expect(tables).toMatch(new RegExp(`^\\| \`${option}\` \\| .* \\| .* \\| .*\\w.* \\|$`, "m"));
  }
});
