/** What lanes of real requests do not know: their clients are all alike, and call one server. */
import type { Scenario } from "../scenario.ts";

/** A field of the scenario that only the simulator knows, and why; undefined when any lane can run it. */
export function onlySimulated({
  cohorts,
  traffics,
  attempt,
  recipients,
  downstream,
}: Scenario): { readonly field: string; readonly why: string } | undefined {
  if (downstream.length > 0) return { field: "downstream", why: "only the simulator has chains" };
  if (cohorts.length > 0) return { field: "cohorts", why: "real clients all have one policy" };
  if (traffics.length > 0) return { field: "traffics", why: "real clients make one kind of calls" };
  if (attempt.requests > 1) {
    return { field: "attempt.requests", why: "real clients send one request an attempt" };
  }
  if (recipients !== undefined) {
    return { field: "recipients", why: "calls of real clients do not wait for one another" };
  }
  return undefined;
}

/** @throws {RangeError} naming what only the simulator knows */
export function expectForRealClients(scenario: Scenario): void {
  const found = onlySimulated(scenario);
  if (found === undefined) return;
  throw new RangeError(
    `Expected scenario "${scenario.name}" to have no \`${found.field}\`, for ${found.why}.`,
  );
}
