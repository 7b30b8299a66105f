/** The default scenarios cut short for `--quick`: each still ends after its slowest recovery. */
import type { Scenario } from "../src/scenario.ts";

const RUN_MS: Readonly<Record<string, number>> = {
  steady: 15_000,
  blip: 16_000,
  overload: 62_000,
  "slowdown-short-queue": 30_000,
};

export function quickened(scenario: Scenario): Scenario {
  return { ...scenario, runMs: Math.min(scenario.runMs, RUN_MS[scenario.name] ?? Infinity) };
}
