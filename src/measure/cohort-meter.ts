/** The figures of each cohort, then of the clients that no cohort takes. */
import { Cohorts } from "../cohorts.ts";
import type { Scenario } from "../scenario.ts";
import { GroupMeter } from "./group-meter.ts";

/** @param seed of the run: it says who belongs to which cohort */
export function cohortMeter(scenario: Scenario, seed: number): GroupMeter {
  const cohorts = new Cohorts(scenario.cohorts, seed);
  const names = [...scenario.cohorts.map(({ name }) => name), undefined];
  return new GroupMeter(scenario, names, (client) => cohorts.of(client));
}
