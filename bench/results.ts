/** From the runs of one policy in one scenario, over all seeds, to a row of figures. */
import { decodeFromCompressedBase64, type Histogram } from "hdr-histogram-js";
import {
  amplification,
  amplificationBelow,
  answeredShare,
  answeredShareOfDemand,
  lateWorkShare,
  p99Ms,
} from "../src/measure/formulas.ts";
import { type GroupFigures, pooledGroups } from "../src/measure/group-meter.ts";
import { type Recovery, recovery, recoveryHorizonMs } from "../src/measure/recovery.ts";
import { responseHistogram } from "../src/measure/run-figures.ts";
import type { NumericState } from "../src/policy.ts";
import type { Scenario } from "../src/scenario.ts";
import type { Lane } from "./arguments.ts";
import type { Agreement } from "./msw-task.ts";
import type { Interval, Result } from "./results-schema.ts";
import type { RunReport, SeedReport } from "./run-task.ts";
import { meanInterval, wilsonInterval } from "./statistics.ts";

export interface Row {
  readonly result: Result;
  /** By seed: what paired comparisons are made of. */
  readonly answeredShares: readonly number[];
  /** By seed. */
  readonly recoveries: readonly Recovery[];
  /** Mean over seeds and clients. */
  readonly stateAtTrigger: Readonly<NumericState>;
}

export interface RowInput {
  readonly scenario: Scenario;
  readonly policy: string;
  readonly lane: Lane;
  /** In order of seeds. */
  readonly reports: readonly RunReport[];
  /** Those of `none`, on the same seeds. */
  readonly reportsOfNone: readonly RunReport[];
  readonly agreements: readonly Agreement[];
}

export function rowOf(input: RowInput): Row {
  const { scenario, policy, lane, agreements } = input;
  const [runs, runsOfNone] = [input.reports, input.reportsOfNone].map((reports) =>
    reports.flatMap((report) => report.runs),
  );
  const figures = runs.map((run) => run.figures);
  const totals = figures.map(({ total }) => total);
  const recoveries = figures.map((run, index) =>
    recovery(scenario, run, answeredShare(runsOfNone[index].figures.beforeTrigger) ?? 1),
  );
  const sum = (field: "calls" | "attempts" | "requests") =>
    totals.reduce((total, tally) => total + tally[field], 0);
  const shares = totals.map(answeredShare);
  const result: Result = {
    scenario: scenario.name,
    policy,
    lane,
    seeds: runs.length,
    recordings: recordingsOf(scenario),
    calls: sum("calls"),
    attempts: sum("attempts"),
    requests: sum("requests"),
    answeredShare: withinShare(intervalOf(shares)),
    answeredShareOfDemand: intervalOf(figures.map((run) => answeredShareOfDemand(scenario, run))),
    amplification: intervalOf(totals.map(amplification)),
    amplificationFromTrigger:
      scenario.trigger === undefined
        ? null
        : intervalOf(figures.map(({ fromTrigger }) => amplification(fromTrigger))),
    ...recoveryResult(scenario, recoveries),
    p99Ms: p99Ms(sum("calls"), responsesOf(scenario, input.reports)),
    lateWorkShare: withinShare(intervalOf(figures.map(lateWorkShare))),
    cutSeeds: runs.filter(({ cut }) => cut).length,
    cohorts: groupResults(runs.map(({ groups }) => groups.cohorts)),
    traffics: groupResults(runs.map(({ groups }) => groups.traffics)),
    downstream: scenario.downstream.map(({ name }, index) => {
      const requests = runs.reduce((total, run) => total + run.downstream[index].requests, 0);
      return { name, amplification: amplificationBelow({ requests }, { calls: sum("calls") }) };
    }),
    agreement: agreementResult(agreements),
  };
  return {
    result,
    answeredShares: shares.map((share) => share ?? 0),
    recoveries,
    stateAtTrigger: meanState(runs),
  };
}

function groupResults(runs: readonly (readonly GroupFigures[])[]): Result["cohorts"] {
  return pooledGroups(runs).map(({ name = null, total }) => ({
    name,
    calls: total.calls,
    answeredShare: answeredShare(total),
    amplification: amplification(total),
  }));
}

/** Load and services may come from one file: it is told once. */
function recordingsOf({ load, traffics, server, downstream }: Scenario): Result["recordings"] {
  const services = [server, ...downstream.map((layer) => layer.server)].map(
    ({ service }) => service,
  );
  const sources = [
    ...[load, ...traffics.map((traffic) => traffic.load)].map((spec) =>
      spec.kind === "recorded" ? spec.source : undefined,
    ),
    ...services.map((spec) => (spec.distribution === "recorded" ? spec.source : undefined)),
  ].filter((source) => source !== undefined);
  return [...new Map(sources.map((source) => [source.file, source])).values()];
}

/** A recovery as a number for comparisons: never counts as the whole time there was. */
export function restricted(recovered: Recovery, horizonMs: number): number {
  return recovered === "never" ? horizonMs : (recovered ?? 0);
}

function recoveryResult(scenario: Scenario, all: readonly Recovery[]) {
  // Where too few calls came to tell, nothing has recovered at once.
  const recoveries = all.filter((recovered) => recovered !== null);
  if (recoveries.length === 0) return { recovered: null, recoveryMs: null };
  const horizonMs = recoveryHorizonMs(scenario);
  const never = recoveries.filter((recovered) => recovered === "never").length;
  const of = recoveries.length;
  const { mean, ...bounds } = meanInterval(recoveries.map((each) => restricted(each, horizonMs)));
  return {
    recovered: { count: of - never, of, ...wilsonInterval(of - never, of) },
    recoveryMs: { restrictedMean: mean, ...bounds, horizonMs, never },
  };
}

function agreementResult(agreements: readonly Agreement[]): Result["agreement"] {
  const failed = agreements.find(({ difference }) => difference !== null);
  const { line, simulator, msw } = failed?.difference ?? {};
  return {
    scenario: agreements[0].scenario,
    requests: agreements.reduce((sum, { requests }) => sum + requests, 0),
    agrees: failed === undefined,
    difference:
      failed === undefined
        ? null
        : `seed ${failed.seed}, line ${line}: simulator "${simulator}", msw "${msw}"`,
  };
}

/** Pooled over all seeds. */
function responsesOf({ patienceMs }: Scenario, reports: readonly RunReport[]): Histogram {
  const highest = patienceMs * 1000;
  const pooled = responseHistogram(highest);
  for (const { responseUs } of reports) {
    pooled.add(decodeFromCompressedBase64(responseUs, 32, false, highest));
  }
  return pooled;
}

/** Null only when no seed has a value. */
function intervalOf(values: readonly (number | null)[]): Interval | null {
  const known = values.filter((value) => value !== null);
  return known.length === 0 ? null : meanInterval(known);
}

function withinShare(interval: Interval | null): Interval | null {
  if (interval === null || interval.low === null || interval.high === null) return interval;
  return { ...interval, low: Math.max(0, interval.low), high: Math.min(1, interval.high) };
}

function meanState(runs: readonly SeedReport[]): NumericState {
  const mean: NumericState = {};
  for (const { stateAtTrigger = {} } of runs) {
    for (const [key, value] of Object.entries(stateAtTrigger)) {
      mean[key] = (mean[key] ?? 0) + value / runs.length;
    }
  }
  return mean;
}
