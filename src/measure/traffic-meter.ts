/** The figures of the scenario's own load, then of each of its other traffics. */
import type { Scenario } from "../scenario.ts";
import { trafficOf, trafficsOf } from "../traffic.ts";
import { GroupMeter } from "./group-meter.ts";

export function trafficMeter(scenario: Scenario): GroupMeter {
  const names = trafficsOf(scenario).map(({ name }) => name);
  return new GroupMeter(scenario, names, (_client, call) => trafficOf(call));
}
