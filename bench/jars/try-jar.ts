/** One jar in one storm, over all seeds: what a worker thread does. */
import { fullJitter, none, vetted } from "../../policies/index.ts";
import { answeredShare } from "../../src/measure/formulas.ts";
import { recovery } from "../../src/measure/recovery.ts";
import { type RunFigures, RunMeter } from "../../src/measure/run-figures.ts";
import type { Policy } from "../../src/policy.ts";
import type { Scenario } from "../../src/scenario.ts";
import { simulate } from "../../src/sim/simulation.ts";
import { meanInterval } from "../statistics.ts";
import type { Row } from "./jars.ts";
import { columns } from "./storms.ts";

export interface Trial {
  readonly row: Row;
  /** Its place among the columns. */
  readonly column: number;
  readonly seeds: number;
}

export default function tryJar({ row, column, seeds }: Trial): { readonly cell: string } {
  const { scenario, measure } = columns[column];
  const policy = policyOf(row, scenario);
  const values: (number | "never")[] = [];
  for (let seed = 1; seed <= seeds; seed++) {
    const own = figures(scenario, policy, seed);
    if (measure === "answered") values.push(100 * (answeredShare(own.total) ?? 0));
    if (measure === "recovered") values.push(inSeconds(recovery(scenario, own, 1)));
    if (measure === "unmended") {
      values.push((100 * lost(own)) / lost(figures(scenario, none(), seed)));
    }
  }
  // A mean over the lucky seeds would flatter it.
  if (values.includes("never")) return { cell: "never" };
  const { mean } = meanInterval(values as number[]);
  return { cell: mean.toFixed(measure === "recovered" ? 0 : 1) };
}

function policyOf(row: Row, scenario: Scenario): Policy {
  const attemptsMax = scenario.retry.attemptsMax ?? Infinity;
  if (row === "none") return none();
  if (row === "no budget") return fullJitter({ attemptsMax });
  return vetted({ ...row, attemptsMax, limitMs: scenario.patienceMs });
}

function figures(scenario: Scenario, policy: Policy, seed: number): RunFigures {
  const trace = new RunMeter(scenario);
  simulate({ scenario, policy, seed, trace });
  return trace.figures();
}

function lost({ total }: RunFigures): number {
  return total.calls - total.answered;
}

function inSeconds(recovered: ReturnType<typeof recovery>): number | "never" {
  return recovered === "never" ? "never" : (recovered ?? 0) / 1000;
}
