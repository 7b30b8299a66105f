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
import type { LoadSpec, Scenario } from "../src/scenario.ts";
import { trafficsOf } from "../src/traffic.ts";
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
  const { server, clients, trigger } = scenario;
  const capacity = server.workers.map(({ fromMs }) => capacityPerSecond(scenario, fromMs));
  const during =
    trigger === undefined
      ? "no trigger"
      : `trigger ${seconds(trigger.fromMs)} to ${seconds(trigger.untilMs)}`;
  return `Capacity ${range(capacity)}/s, offered load ${offered(scenario)}, ${whole(clients.count)} clients, ${during}.`;
}

function offered(scenario: Scenario): string {
  const { load, clients, traffics } = scenario;
  const rates = ratesOf(scenario, (atMs) => offeredPerSecond(scenario, atMs, SECOND_MS));
  if (load.kind !== "herd") return `${range(rates)}/s${asRecorded(scenario)}`;
  const when = load.overMs === 0 ? "at once" : `within ${seconds(load.overMs)}`;
  const others = traffics.length === 0 ? "" : ` and ${range(rates)}/s`;
  return `${whole(clients.count)} calls ${when}${others}`;
}

function asRecorded({ load, runMs }: Scenario): string {
  if (load.kind !== "recorded") return "";
  const calls = whole(countBetween(load.atMs, 0, runMs));
  const { file, rows = 0 } = load.source ?? {};
  return ` as recorded (${calls} calls${file === undefined ? "" : ` of ${whole(rows)} in ${file}`})`;
}

/** At every time that can be the highest or the lowest of its kind. */
function ratesOf(scenario: Scenario, rateAt: (atMs: number) => number): number[] {
  const loads = trafficsOf(scenario).map(({ load }) => load);
  return [...new Set(loads.flatMap((load) => turnsOf(load, scenario)))].map(rateAt);
}

/** Each step's beginning and end; of a recording, each second. */
function turnsOf(load: LoadSpec, { runMs }: Scenario): number[] {
  if (load.kind === "recorded") {
    const seconds = Math.ceil(runMs / SECOND_MS);
    return Array.from({ length: seconds }, (_, second) => (second + 1 / 2) * SECOND_MS);
  }
  if (load.kind !== "open") return [0];
  const { arrivals } = load;
  return arrivals.flatMap(({ fromMs }, index) => [
    fromMs,
    Math.max(fromMs, (arrivals[index + 1]?.fromMs ?? runMs) - JUST_BEFORE_MS),
  ]);
}

const JUST_BEFORE_MS = 1e-6;
const SECOND_MS = 1_000;

/** How long the full jars alone would keep the server busy, by what each policy claims. */
function jarsNote(scenario: Scenario, claims: ReadonlyMap<string, Claim>): string | undefined {
  const byBurst = Map.groupBy(claims, ([, { burstPerClient }]) => burstPerClient);
  byBurst.delete(0);
  const atMs = scenario.trigger?.untilMs ?? 0;
  const { count } = scenario.clients;
  const { requests } = scenario.attempt;
  const sends = requests === 1 ? "" : ` · ${requests} requests`;
  const notes = [...byBurst].map(([burst, policies]) => {
    const names = policies.map(([name]) => name).join(", ");
    return `${whole(count)} clients · ${burst} tokens${sends} ÷ capacity = ${seconds(jarsMs(scenario, burst, atMs))} (${names})`;
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
    if (load.kind === "herd") return `${name} once`;
    return `${name} ${range(ratesOf(scenario, (atMs) => callsPerSecond(load, scenario, atMs, SECOND_MS)))}/s`;
  });
  return `The same clients also make other calls: ${each.join(", ")}. The offered load counts the requests of all kinds.`;
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
