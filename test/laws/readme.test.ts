/** The README's table of laws is what the searches found: docs/laws holds their result, and they hold docs/laws. */
import { readFileSync } from "node:fs";
import { expect, it } from "vitest";
import { registry } from "../../policies/index.ts";
import { laws } from "../../src/vet/index.ts";

const MARKS = { kept: "✓", broken: "✗" };

it("states in the README which policies keep which laws", () => {
  const readme = readFileSync(new URL("../../README.md", import.meta.url), "utf8");
  const [, stated] = readme.split(/<!-- \/?laws -->\n/);
  expect(stated).toBe(table());
});

function table(): string {
  const head = ["policy", ...laws.map(({ number }) => String(number))];
  const rows = Object.keys(registry).map((name) => [
    `[${name}](docs/laws/${name}.md)`,
    ...marks(name),
  ]);
  const line = (cells: readonly string[]) => `| ${cells.join(" | ")} |\n`;
  return [head, head.map(() => "---"), ...rows].map(line).join("");
}

function marks(name: string): string[] {
  const page = readFileSync(new URL(`../../docs/laws/${name}.md`, import.meta.url), "utf8");
  return laws.map((law) => {
    const verdict = new RegExp(`\\*\\*${law.number}\\. .*?\\*\\*: (kept|broken)`).exec(page)?.[1];
    if (verdict !== "kept" && verdict !== "broken")
      throw new Error(`docs/laws/${name}.md: no law ${law.number}.`);
    return MARKS[verdict];
  });
}
