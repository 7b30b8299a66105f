/** The study's numbers, and ours in the same cells. */
import {
  decorrelatedJitter,
  equalJitter,
  exponential,
  fullJitter,
  immediate,
} from "../../../policies/index.ts";
import type { Policy } from "../../../src/policy.ts";
import { readCsv } from "../csv.ts";
import type { Sample } from "../sample.ts";
import { contend } from "./versioned-row.ts";

/** The study's names. */
export const ALGORITHMS = ["None", "Exponential", "EqualJitter", "FullJitter", "Decorr"] as const;
export type Algorithm = (typeof ALGORITHMS)[number];

export const CLIENTS: readonly number[] = Array.from(
  { length: 19 },
  (_, index) => 10 * (index + 1),
);

export type Quantity = "timeMs" | "calls";

const CAP = { delayMaxMs: 2_000, attemptsMax: Infinity };
/** The study's ceiling is min(2000, 5 · 2ⁿ) with n from 1, ours base · 2^(attempt − 1). */
const CEILING = { ...CAP, delayBaseMs: 10 };

const POLICIES: Readonly<Record<Algorithm, Policy>> = {
  None: immediate(),
  Exponential: exponential(CEILING),
  EqualJitter: equalJitter(CEILING),
  FullJitter: fullJitter(CEILING),
  Decorr: decorrelatedJitter({ ...CAP, delayBaseMs: 5 }),
};

/** Our runs of one cell, with the seeds 1, 2, … */
export function ourRuns(
  algorithm: Algorithm,
  clients: number,
  runs: number,
  policy = POLICIES[algorithm],
): Readonly<Record<Quantity, readonly number[]>> {
  const ends = Array.from({ length: runs }, (_, index) => contend(clients, policy, index + 1));
  return { timeMs: ends.map(({ lastMs }) => lastMs), calls: ends.map(({ writes }) => writes) };
}

export interface Cell {
  readonly algorithm: Algorithm;
  readonly clients: number;
  readonly theirs: Readonly<Record<Quantity, Sample>>;
  /** The published program's own output: means of 100 runs without their decimals. */
  readonly floored: Readonly<Record<Quantity, number>>;
}

/** Every cell of the study, as `source-runs.csv` and `aws-occ.csv` have them. */
export function readCells(): readonly Cell[] {
  const floored = new Map(
    readCsv(new URL("aws-occ.csv", import.meta.url)).map(({ clients, Algorithm, time, calls }) => [
      `${Algorithm} ${clients}`,
      { timeMs: Number(time), calls: Number(calls) },
    ]),
  );
  return readCsv(new URL("source-runs.csv", import.meta.url)).map((record) => {
    const clients = Number(record.clients);
    const algorithm = ALGORITHMS.find((name) => name === record.algorithm);
    const printed = floored.get(`${algorithm} ${clients}`);
    if (algorithm === undefined || printed === undefined) {
      throw new Error(`Expected a cell of the study, got ${JSON.stringify(record)}.`);
    }
    const sample = (mean: string, sd: string) => ({
      mean: Number(mean),
      sd: Number(sd),
      runs: Number(record.runs),
    });
    const theirs = {
      timeMs: sample(record.timeMeanMs, record.timeSdMs),
      calls: sample(record.callsMean, record.callsSd),
    };
    return { algorithm, clients, theirs, floored: printed };
  });
}
