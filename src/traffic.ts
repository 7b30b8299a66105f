/**
 * The kinds of calls that a client makes: those of the scenario's own `load`, then its `traffics`. Each
 * numbers its calls in a range of its own, so a call's number says which kind it is, and the chance of
 * one kind does not depend on which others there are.
 */
import type { Scenario, TrafficSpec } from "./scenario.ts";

const CALLS_MAX = 2 ** 26;

/** The place in `trafficsOf` of what this call belongs to. */
export function trafficOf(call: number): number {
  return call >>> 26;
}

/**
 * The number that the n-th call (from 1) of a client in that traffic has.
 *
 * @throws {RangeError} when there is no such number
 */
export function callNumber(traffic: number, n: number): number {
  if (n >= CALLS_MAX) {
    throw new RangeError(
      `Expected fewer than ${CALLS_MAX} calls a client: share the load among more clients.`,
    );
  }
  return traffic * CALLS_MAX + n;
}

/** The n of `callNumber`. */
export function numberInTraffic(call: number): number {
  return call % CALLS_MAX;
}

/** A kind of calls with all that the scenario says of it. */
export interface Traffic extends Pick<TrafficSpec, "load" | "policy" | "attempt" | "recipients"> {
  /** Undefined: the scenario's own load. */
  readonly name: string | undefined;
  readonly timeoutMs: number;
  readonly deadlineMs: number | undefined;
}

/** The scenario's own load first. */
export function trafficsOf({
  clients,
  load,
  attempt,
  recipients,
  traffics,
}: Pick<Scenario, "clients" | "load" | "attempt" | "recipients" | "traffics">): Traffic[] {
  const { timeoutMs, deadlineMs } = clients;
  const own = { name: undefined, policy: undefined, load, attempt, recipients };
  return [
    { ...own, timeoutMs, deadlineMs },
    ...traffics.map((traffic) => ({
      ...traffic,
      timeoutMs: traffic.timeoutMs ?? timeoutMs,
      deadlineMs: traffic.deadlineMs ?? deadlineMs,
    })),
  ];
}
