/** Makes a source's results into tests, and into its page in docs/published. */
import { describe, expect, test } from "vitest";
import type { Result } from "./result.ts";
import { CONFIDENCE } from "./sample.ts";

export interface Source {
  /** Of the page, without its ending. */
  readonly page: string;
  /** As people cite it. */
  readonly title: string;
  readonly address: string;
  /** How our model of it differs, and what of it is left out. */
  readonly notes: readonly string[];
  readonly results: readonly Result[];
}

export const PAGE_HEAD = [
  "quantity",
  "source says",
  "ours",
  "difference",
  `${CONFIDENCE * 100} % interval`,
  "verdict",
];

export function publish(source: Source): void {
  describe(source.title, () => {
    for (const result of source.results) {
      const verb = result.expected === "agrees" ? "is reproduced" : "is not reproduced";
      test(`${result.quantity}: ${verb}`, () => {
        const row = result.row();
        expect(row.verdict, `source ${row.theirs}, ours ${row.ours} ${row.interval}`).toBe(
          result.expected,
        );
      });
    }

    test("is written down as found", async () => {
      await expect(pageOf(source)).toMatchFileSnapshot(`../../docs/published/${source.page}.md`);
    });
  });
}

function pageOf({ title, address, notes, results }: Source): string {
  const head = [`# ${title}`, "", address, ""];
  const table = [PAGE_HEAD, PAGE_HEAD.map(() => "---"), ...results.map(cells)].map(line);
  return [...head, ...table, "", ...notes.map((note) => `- ${note}`), ""].join("\n");
}

function cells(result: Result): readonly string[] {
  const { quantity, theirs, ours, difference, interval, verdict } = result.row();
  const isExplained = result.why !== undefined && verdict === result.expected;
  return [
    quantity,
    theirs,
    ours,
    difference,
    interval,
    isExplained ? `${verdict}: ${result.why}` : verdict,
  ];
}

function line(cells: readonly string[]): string {
  return `| ${cells.join(" | ")} |`;
}
