/** What the figures of a run say. Each formula stands here and nowhere else. */
import type { Histogram } from "hdr-histogram-js";
import type { Scenario } from "../scenario.ts";
import { responseMs } from "./recovery.ts";
import type { RunFigures } from "./run-figures.ts";
import type { Tally } from "./tally.ts";

/**
 * Calls answered within the scenario's patience ÷ calls; null when there were none. An answer that says
 * yes to work that was not done is none: see `droppedShare`.
 */
export function answeredShare(tally: Tally): number | null {
  return tally.calls === 0 ? null : tally.answered / tally.calls;
}

/** Calls told yes, within patience, to work that was not done ÷ calls; null when there were none. */
export function droppedShare(tally: Tally): number | null {
  return tally.calls === 0 ? null : tally.dropped / tally.calls;
}

/** Requests sent to the server (session resets included) ÷ calls; null when there were none. */
export function amplification(tally: Tally): number | null {
  return tally.calls === 0 ? null : tally.requests / tally.calls;
}

/**
 * Of a server behind the server: requests that reached it ÷ calls of clients; null when there were none.
 * Layers of n attempts each make n^d of it at the d-th (Google, Site Reliability Engineering, 2016, ch. 22).
 */
export function amplificationBelow(
  layer: Pick<Tally, "requests">,
  clients: Pick<Tally, "calls">,
): number | null {
  return clients.calls === 0 ? null : layer.requests / clients.calls;
}

/** Requests ÷ the time in which calls began: offered load times amplification. */
export function loadPerSecond(scenario: Scenario, tally: Tally): number {
  return tally.requests / measuredSeconds(scenario);
}

/** Calls answered within patience ÷ the time in which calls began: offered load times answered share. */
export function goodputPerSecond(scenario: Scenario, tally: Tally): number {
  return tally.answered / measuredSeconds(scenario);
}

/** What other requests than attempts make of the amplification; null when there were no calls. */
export function extraAmplification(
  tally: Pick<Tally, "calls" | "attempts" | "requests">,
): number | null {
  return tally.calls === 0 ? null : (tally.requests - tally.attempts) / tally.calls;
}

/** The share of amplification that session resets made: their requests ÷ calls. */
export function resetAmplification(tally: Tally): number | null {
  return tally.calls === 0 ? null : tally.resetRequests / tally.calls;
}

/** Work for callers who had left ÷ all work done; null when none was done. */
export function lateWorkShare(
  figures: Pick<RunFigures, "serviceUs" | "lateServiceUs">,
): number | null {
  return figures.serviceUs === 0 ? null : figures.lateServiceUs / figures.serviceUs;
}

/**
 * Closed load only: answered calls ÷ what the users would have asked of an unloaded server,
 * users ÷ (think time + unloaded response) a second, and a call of each that joins; otherwise lost
 * demand hides. Null where clients make other calls too.
 */
export function answeredShareOfDemand(
  scenario: Scenario,
  figures: Pick<RunFigures, "total">,
): number | null {
  const { load, clients, runMs, warmUpMs, traffics } = scenario;
  if (load.kind !== "closed" || traffics.length > 0) return null;
  const { clients: joining = 0, fromMs = 0, untilMs = 0 } = load.joining ?? {};
  // Of those who join after the warm-up, the first call counts too.
  const laterFromMs = Math.min(untilMs, Math.max(fromMs, warmUpMs));
  const later = joining === 0 ? 0 : (joining * (untilMs - laterFromMs)) / (untilMs - fromMs);
  const laterMs = runMs - (laterFromMs + untilMs) / 2;
  const userMs = (clients.count - later) * (runMs - warmUpMs) + later * laterMs;
  const demand = userMs / (load.thinkMs + unloadedResponseMs(scenario)) + later;
  return figures.total.answered / demand;
}

/** Of a call of the scenario's own load; requests at once, and a first one of several that falls back, count as one. */
export function unloadedResponseMs(scenario: Scenario): number {
  const { requests, order } = scenario.attempt;
  const inTurn = order === "in-turn" ? requests : 1;
  return inTurn * responseMs([scenario, ...scenario.downstream]);
}

/** The median over the calls answered within patience; null when there were none. */
export function medianResponseMs({ responseUs }: Pick<RunFigures, "responseUs">): number | null {
  return responseUs.totalCount === 0 ? null : responseUs.getValueAtPercentile(50) / 1000;
}

function measuredSeconds({ runMs, warmUpMs }: Scenario): number {
  return (runMs - warmUpMs) / 1000;
}

/** The 99th percentile over ALL calls; null when more than 1 % of them were not answered. */
export function p99Ms(calls: number, responseUs: Histogram): number | null {
  const rank = Math.ceil(calls * 0.99);
  const answered = responseUs.totalCount;
  if (calls === 0 || rank > answered) return null;
  return responseUs.getValueAtPercentile((100 * rank) / answered) / 1000;
}
