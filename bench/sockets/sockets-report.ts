/** The whole text that `pnpm bench:sockets` prints. */
import type { Scenario } from "../../src/scenario.ts";
import { plainTable } from "../table.ts";
import { wrap } from "../wrap.ts";
import type { SocketsResult } from "./schema.ts";
import { type Finding, LAG_MAX_MS, TOLERANCE } from "./verdict.ts";

const HEAD = ["policy", "figure", "simulator", "its scatter", "sockets", "difference", "verdict"];

export function socketsReport(
  scenarios: readonly Scenario[],
  results: readonly SocketsResult[],
  columns: number,
): string {
  const sections = scenarios.map((scenario) => {
    const own = results.filter((result) => result.scenario === scenario.name);
    return [
      wrap(`${scenario.name}: ${scenario.shows}`, columns),
      "",
      plainTable(HEAD, own.flatMap(rowsOf)),
      "",
      wrap(responseNote(own), columns, "  "),
      wrap(lagNote(own), columns, "  "),
      "",
      "",
    ].join("\n");
  });
  const lines = [summary(results), ...READING].map((line) => wrap(line, columns, "  "));
  return `${[...sections, ...lines].join("\n")}\n`;
}

function rowsOf({ policy, findings }: SocketsResult): string[][] {
  return findings.map((finding, index) => [index === 0 ? policy : "", ...cellsOf(finding)]);
}

function cellsOf({ figure, simulator, scatter, sockets, difference, verdict }: Finding): string[] {
  return [
    figure,
    valueText(figure, simulator),
    scatterText(scatter),
    valueText(figure, sockets),
    difference === null ? "–" : signedPercent(difference),
    verdict === "differs" ? "DIFFERS" : verdict,
  ];
}

function valueText(figure: Finding["figure"], value: number): string {
  return figure === "amplification" ? value.toFixed(2) : `${value.toFixed(1)}/s`;
}

function scatterText({ low, high }: Finding["scatter"]): string {
  const [from, to] = [signedPercent(low), signedPercent(high)];
  return from === to ? from : `${from.replace(" %", "")} to ${to}`;
}

function signedPercent(share: number): string {
  const text = `${Math.abs(share * 100).toFixed(1)} %`;
  if (/^0\.0 /.test(text)) return text;
  return `${share < 0 ? "−" : "+"}${text}`;
}

function responseNote(results: readonly SocketsResult[]): string {
  const text = (ms: number | null) => (ms === null ? "–" : `${ms.toFixed(1)} ms`);
  const medians = results.map(
    ({ policy, medianResponseMs: { simulator, sockets } }) =>
      `${policy} ${text(simulator)} and ${text(sockets)}`,
  );
  return `An answer took, in the median, in the simulator and through sockets: ${medians.join(", ")}.`;
}

function lagNote(results: readonly SocketsResult[]): string {
  const lags = results.map(({ policy, runs, loopLagMs, loopLagMaxMs }) => {
    const which = runs === 1 ? "" : `, the calmest of ${runs} runs`;
    return `${policy} ${loopLagMs.toFixed(1)} ms (at worst ${loopLagMaxMs.toFixed(0)}${which})`;
  });
  return `The event loop was late by: ${lags.join(", ")}.`;
}

function summary(results: readonly SocketsResult[]): string {
  const verdicts = results.flatMap(({ findings }) => findings.map(({ verdict }) => verdict));
  const count = (wanted: Finding["verdict"]) =>
    verdicts.filter((verdict) => verdict === wanted).length;
  if (count("not judged") > 0) return "Smoke: the runs are too short to be judged.";
  const parts = [
    `${count("agrees")} of ${verdicts.length} figures agree within ${TOLERANCE * 100} %`,
    count("differs") > 0 ? `${count("differs")} differ` : "",
    count("cut") > 0 ? `${count("cut")} are of runs cut at the bound on attempts` : "",
    count("too slow") > 0
      ? `of ${count("too slow")} nothing can be said, because this machine was too slow: its event loop was late by more than ${LAG_MAX_MS} ms on average`
      : "",
  ];
  return `${parts.filter((part) => part !== "").join("; ")}.`;
}

const READING = [
  "How to read this",
  "The same scenario, seed and policy twice: in the simulator; and in real time, where the retry helper and undici's client meet the same server model behind node:http at 127.0.0.1.",
  "load: requests a second. goodput: calls a second answered within the user's patience. amplification: requests per call. The differences are what sockets, late timers and a busy event loop do; docs/model.md explains them.",
  "its scatter: how far the simulator's own figure moves when its network delay is up to 2 ms longer each way. Where that is much, one short run hangs on milliseconds, and so does the difference.",
];
