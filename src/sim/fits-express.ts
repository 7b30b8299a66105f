/** Which runs the express lane can take. */
import type { Scenario } from "../scenario.ts";
import type { SimulationOptions } from "./simulation.ts";

/** Whether a scenario has nothing of what `express.ts` leaves to the general simulator. */
export function fitsExpress(scenario: Scenario): boolean {
  const { clients, server, faults, downstream, traffics, attempt, recipients } = scenario;
  const { queue, scalability, admission, rateCap } = server;
  const cannot = [
    // Calls of several kinds, attempts of several requests, calls that wait for others.
    traffics.length > 0 || attempt.requests > 1 || recipients !== undefined,
    // Requests that are no call's.
    clients.flagsRefreshMs !== undefined,
    // Workers that wait for others.
    downstream.length > 0,
    // Requests that never arrive, or whose answers never do.
    faults.some(({ kind }) => kind === "loss"),
    // Who is served next, and who not at all.
    queue.order !== "fifo" || queue.codel !== undefined || queue.dropsExpired === true,
    // Refusals with a cost of their own.
    admission !== undefined || rateCap !== undefined,
    scalability !== undefined,
  ];
  return !cannot.includes(true);
}

/** Whether calls may have several attempts in flight: that too is left to the general simulator. */
export function mayHedge({ scenario, policy, policyOf }: SimulationOptions): boolean {
  const named = scenario.cohorts.flatMap(({ policy, rollout }) => [policy, rollout?.policy]);
  return (
    policy.hedges === true ||
    named.some((name) => name !== undefined && policyOf?.(name).hedges === true)
  );
}
