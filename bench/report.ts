/** The whole text that `pnpm bench` prints. */
import type { Claim } from "../src/policy.ts";
import type { Scenario } from "../src/scenario.ts";
import type { Lane } from "./arguments.ts";
import { comparisonNote } from "./comparison-note.ts";
import { Ranking } from "./ranking.ts";
import type { Row } from "./results.ts";
import { scenarioNotes } from "./scenario-notes.ts";
import { wilsonInterval } from "./statistics.ts";
import { plainTable, tableOf } from "./table.ts";
import { wrap } from "./wrap.ts";

export interface Section {
  readonly scenario: Scenario;
  /** In order of the registry. */
  readonly rows: readonly Row[];
  readonly claims: ReadonlyMap<string, Claim>;
}

export interface ReportOptions {
  readonly lane: Lane;
  readonly seeds: number;
  readonly quick: boolean;
  readonly columns: number;
}

export function report(sections: readonly Section[], options: ReportOptions): string {
  const { lane, seeds, quick, columns } = options;
  const blocks = [
    ...(quick ? [wrap(QUICK, columns), "", ""] : []),
    ...sections.map((section) => sectionText(section, columns)),
    agreementText(sections, lane, columns),
    ...readingText(seeds).map((line) => wrap(line, columns, "  ")),
  ];
  return `${blocks.join("\n")}\n`;
}

const QUICK =
  "Quick: a quarter of the clients, traffic and capacity, and shorter runs; scenarios of one's own are " +
  "whole. The story is that of the whole, the last digits are not.";

function sectionText({ scenario, rows, claims }: Section, columns: number): string {
  const ranking = new Ranking(rows);
  const cut = rows.filter(({ result }) => result.cutSeeds > 0).map(({ result }) => result.policy);
  const notes = [
    ...scenarioNotes(scenario, rows, claims),
    comparisonNote(rows, ranking),
    demandNote(rows),
    cut.length === 0 ? "" : `Cut short at the bound on attempts: ${cut.join(", ")}.`,
  ].filter((note) => note !== "");
  return [
    wrap(`${scenario.name}: ${scenario.shows}`, columns),
    "",
    tableOf(ranking.ranked, columns),
    "",
    ...notes.map((note) => wrap(note, columns, "  ")),
    "",
    "",
  ].join("\n");
}

function demandNote(rows: readonly Row[]): string {
  const shares = rows.flatMap(({ result: { policy, answeredShareOfDemand: share } }) =>
    share === null ? [] : [`${policy} ${(share.mean * 100).toFixed(1)} %`],
  );
  return shares.length === 0
    ? ""
    : `Answered, of what users would ask of an unloaded server: ${shares.join(", ")}.`;
}

/** Every policy in both worlds. */
function agreementText(sections: readonly Section[], lane: Lane, columns: number): string {
  const rows = sections
    .slice(0, lane === "msw" ? sections.length : 1)
    .flatMap((section) => section.rows)
    .map(({ result: { policy, agreement } }) => [
      policy,
      agreement.scenario,
      agreement.agrees ? `agrees, ${agreement.requests} requests` : "DIFFERS",
      agreement.difference ?? "",
    ]);
  const differences = rows.flatMap(([policy, , , difference]) =>
    difference === "" ? [] : [wrap(`${policy}: ${difference}`, columns, "  ")],
  );
  return [
    wrap(
      "The same policies in both worlds: the simulator, and the helper with real fetch against the MSW-mocked overloaded server, compared request by request.",
      columns,
    ),
    "",
    plainTable(
      ["policy", "scenario", "fetch and simulator"],
      rows.map((row) => row.slice(0, 3)),
    ),
    ...differences,
    "",
    "",
  ].join("\n");
}

function readingText(seeds: number): string[] {
  const { low } = wilsonInterval(seeds, seeds);
  const sure = (low * 100).toFixed(0);
  return [
    "How to read this",
    "# ranks by answered share, then by recovery; rows that chance or less than 1 % and 1 s set apart tie (=).",
    "answered share: calls answered within the user's patience. amplification: requests sent to the server per call, 1 is none.",
    `recovered: seeds that recovered after the trigger, and how soon (${seeds}/${seeds} means at least ${sure} % of all seeds, 0/${seeds} at most ${100 - Number(sure)} %); "never" within the run; "mean ≤" counts never as the time there was.`,
    "p99: over all calls; > 1 % means more than 1 % got no answer in time, so there is none. late work: server time spent on callers who had left. MSW agrees: with this policy real fetch did the same as the simulator, in the scenario of the last table.",
    `Seeds 1 to ${seeds}, the same for every policy. ± is a 95 % interval over seeds: it covers chance, not how far the model is from your system.`,
  ];
}
