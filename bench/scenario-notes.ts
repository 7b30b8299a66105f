/** The lines under a table: what the server can do, what is asked of it, and how full the jars are. */
import { TOKENS_THOUSANDTHS } from "../policies/index.ts";
import { extraAmplification } from "../src/measure/formulas.ts";
import {
  callsPerSecond,
  capacityPerSecond,
  jarsMs,
  offeredPerSecond,
} from "../src/measure/recovery.ts";
import type { Claim } from "../src/policy.ts";
import { countBetween } from "../src/recorded.ts";
import type { Scenario } from "../src/scenario.ts";
import { rate, seconds, whole } from "./numbers.ts";
import type { Row } from "./results.ts";

/** @param claims of the policies that make one, by name */
export function scenarioNotes(
  scenario: Scenario,
  rows: readonly Row[],
  claims: ReadonlyMap<string, Claim>,
): string[] {
  return [
    serverNote(scenario),
    jarsNote(scenario, claims),
    tokensNote(scenario, rows),
    extrasNote(scenario, rows),
    trafficsNote(scenario),
    ...groupNotes(rows, "cohorts", "cohort", "the rest"),
    ...groupNotes(rows, "traffics", "kind of call", "the scenario's own"),
    ...downstreamNotes(rows),
  ].filter((note) => note !== undefined);
}

function serverNote(scenario: Scenario): string {
  const { load, server, clients, trigger } = scenario;
  const capacity = server.workers.map(({ fromMs }) => capacityPerSecond(scenario, fromMs));
  const offered =
    load.kind === "herd"
      ? `${whole(clients.count)} calls ${load.overMs === 0 ? "at once" : `within ${seconds(load.overMs)}`}`
      : `${range(offeredRates(scenario))}/s${asRecorded(scenario)}`;
  const during =
    trigger === undefined
      ? "no trigger"
      : `trigger ${seconds(trigger.fromMs)} to ${seconds(trigger.untilMs)}`;
  return `Capacity ${range(capacity)}/s, offered load ${offered}, ${whole(clients.count)} clients, ${during}.`;
}

function asRecorded({ load, runMs }: Scenario): string {
  if (load.kind !== "recorded") return "";
  const calls = whole(countBetween(load.atMs, 0, runMs));
  const { file, rows = 0 } = load.source ?? {};
  return ` as recorded (${calls} calls${file === undefined ? "" : ` of ${whole(rows)} in ${file}`})`;
}

function offeredRates(scenario: Scenario): number[] {
  const { load, runMs } = scenario;
  if (load.kind === "recorded") {
    const seconds = Array.from({ length: Math.ceil(runMs / 1_000) }, (_, second) => second * 1_000);
    return seconds.map((fromMs) => countBetween(load.atMs, fromMs, fromMs + 1_000));
  }
  if (load.kind !== "open") return [offeredPerSecond(scenario, 0)];
  return load.arrivals.flatMap(({ perSecond, rampToPerSecond = perSecond }) => [
    perSecond,
    rampToPerSecond,
  ]);
}

/** How long the full jars alone would keep the server busy, by what each policy claims. */
function jarsNote(scenario: Scenario, claims: ReadonlyMap<string, Claim>): string | undefined {
  const byBurst = Map.groupBy(claims, ([, { burstPerClient }]) => burstPerClient);
  byBurst.delete(0);
  const atMs = scenario.trigger?.untilMs ?? 0;
  const { count } = scenario.clients;
  const notes = [...byBurst].map(([burst, policies]) => {
    const names = policies.map(([name]) => name).join(", ");
    return `${whole(count)} clients · ${burst} tokens ÷ capacity = ${seconds(jarsMs(scenario, burst, atMs))} (${names})`;
  });
  return notes.length === 0
    ? undefined
    : `Extra load in full jars, as claimed: ${notes.join("; ")}.`;
}

function tokensNote({ trigger }: Scenario, rows: readonly Row[]): string | undefined {
  if (trigger === undefined) return undefined;
  const held = rows.flatMap(({ result, stateAtTrigger }) => {
    const thousandths = stateAtTrigger[TOKENS_THOUSANDTHS];
    return thousandths === undefined ? [] : [`${result.policy} ${(thousandths / 1000).toFixed(1)}`];
  });
  return held.length === 0
    ? undefined
    : `Tokens a client holds as the trigger begins: ${held.join(", ")}.`;
}

/** What else the clients ask of the server, in calls that are not the scenario's own. */
function trafficsNote(scenario: Scenario): string | undefined {
  const { traffics } = scenario;
  if (traffics.length === 0) return undefined;
  const each = traffics.map(({ name, load }) => {
    const perSecond = callsPerSecond(load, scenario, 0);
    return load.kind === "herd" ? `${name} once` : `${name} ${rate(perSecond)}/s`;
  });
  return `The same clients also make other calls: ${each.join(", ")}; the offered load counts them.`;
}

function extrasNote(
  { clients, attempt, traffics }: Scenario,
  rows: readonly Row[],
): string | undefined {
  const isSeveral = [attempt, ...traffics.map((other) => other.attempt)].some(
    ({ requests }) => requests > 1,
  );
  const kinds = [
    "session resets",
    clients.flagsRefreshMs !== undefined && "flag requests",
    isSeveral && "further requests of an attempt",
  ];
  const what = kinds.filter((kind) => kind !== false).join(" and ");
  const extras = rows
    .filter(({ result }) => result.requests > result.attempts)
    .map(({ result }) => {
      return `${result.policy} ${extraAmplification(result)?.toFixed(2)}`;
    });
  return extras.length === 0
    ? undefined
    : `Of the amplification, ${what} make: ${extras.join(", ")}.`;
}

/** A line for each row: what it is like to be one of several kinds. */
function groupNotes(
  rows: readonly Row[],
  groups: "cohorts" | "traffics",
  kind: string,
  unnamed: string,
): string[] {
  return rows
    .filter(({ result }) => result[groups].length > 0)
    .map(({ result }) => {
      const each = result[groups].map(({ name, answeredShare: share, amplification: factor }) => {
        if (share === null || factor === null) return `${name ?? unnamed} made no calls`;
        return `${name ?? unnamed} ${(100 * share).toFixed(1)} % (${factor.toFixed(2)})`;
      });
      return `Answered by ${kind} (and its amplification), with ${result.policy} under test: ${each.join(", ")}.`;
    });
}

/** A line for each row: what retries at every layer make of a call. */
function downstreamNotes(rows: readonly Row[]): string[] {
  return rows
    .filter(({ result }) => result.downstream.length > 0)
    .map(({ result }) => {
      const each = result.downstream.map(
        ({ name, amplification }) => `${name} ${amplification?.toFixed(2) ?? "–"}`,
      );
      return `Requests a call, at the servers behind, with ${result.policy} under test: ${each.join(", ")}.`;
    });
}

function range(values: readonly number[]): string {
  const low = values.reduce((least, value) => Math.min(least, value), Infinity);
  const high = values.reduce((most, value) => Math.max(most, value), 0);
  return low === high ? rate(low) : `${rate(low)} to ${rate(high)}`;
}
