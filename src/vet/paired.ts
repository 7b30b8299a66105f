/** A policy beside `none` on the same draws: what laws 2, 3 and 6 compare. */

import { capacityPerSecond, offeredPerSecond } from "../measure/recovery.ts";
import { type RunFigures, RunMeter } from "../measure/run-figures.ts";
import { CLAIM_DEFAULT, type Claim, type Policy } from "../policy.ts";
import type { Scenario } from "../scenario.ts";
import type { Run, Storm } from "./law.ts";

/** Never retries. Written out here because the laws must not depend on the policies they judge. */
export const noRetries: Policy = {
  name: "none",
  initial: {},
  decide: (_state, event) =>
    event.kind === "failure" ? { do: "stop", why: "attempts" } : { do: "send" },
};

export async function measured(
  policy: Policy,
  { scenario, seed }: Storm,
  run: Run,
): Promise<RunFigures> {
  const meter = new RunMeter(scenario);
  await run({ scenario, policy, seed, trace: meter });
  return meter.figures();
}

export function claimOf(policy: Policy): Claim {
  return policy.claim ?? CLAIM_DEFAULT;
}

/** The capacity after the plan's last step, and the offered load at the end. */
export function finalLoad(scenario: Scenario): { capacity: number; offered: number } {
  return {
    capacity: capacityPerSecond(scenario, scenario.runMs),
    offered: offeredPerSecond(scenario, scenario.runMs),
  };
}
