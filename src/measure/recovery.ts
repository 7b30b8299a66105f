/** When a run has recovered from its trigger. */
import { countBetween } from "../recorded.ts";
import { slowdownAt } from "../scalability.ts";
import type { LoadSpec, Scenario, ServerSpec } from "../scenario.ts";
import { trafficsOf } from "../traffic.ts";
import { binMsOf, type RunFigures } from "./run-figures.ts";

const WINDOW_MS = 3_000;
const WINDOW_CALLS_MIN = 100;
const RECOVERED_SHARE = 0.9;
const HERD_SHARE = 0.99;

type ClosedLoad = Extract<LoadSpec, { kind: "closed" }>;

/** What of a run's figures recovery is read from. */
type RunSeries = Pick<RunFigures, "started" | "answered" | "answeredAtUs">;

/** Milliseconds after the end of the trigger; "never" within the run; null without a trigger, or without a window to tell. */
export type Recovery = number | "never" | null;

/**
 * From the end of the trigger until every later 3 s window of starts that holds ≥ 100 calls has an
 * answered share ≥ 0.9 · min(1, capacity ÷ offered load) · the pre-trigger share of `none` on the
 * same seed. For a reconnect herd: until 99 % of its calls are answered.
 *
 * @param healthyShare the answered share of `none` before the trigger; 1 if nobody called then
 */
export function recovery(scenario: Scenario, figures: RunSeries, healthyShare: number): Recovery {
  if (scenario.trigger === undefined) return null;
  if (scenario.load.kind === "herd")
    return herdRecovery(scenario, figures, scenario.trigger.untilMs);
  const { started, answered } = figures;
  const binMs = binMsOf(scenario);
  const from = Math.ceil(scenario.trigger.untilMs / binMs);
  const width = WINDOW_MS / binMs;
  const last = Math.floor(scenario.runMs / binMs) - width;
  const possible = possibleShares(scenario);
  let recovered: number | undefined;
  let isJudged = false;
  for (let bin = last; bin >= from; bin--) {
    const calls = sum(started, bin, bin + width);
    const needed = RECOVERED_SHARE * possible[bin] * healthyShare;
    const isLarge = calls >= WINDOW_CALLS_MIN;
    isJudged ||= isLarge;
    if (isLarge && sum(answered, bin, bin + width) < needed * calls) break;
    recovered = bin;
  }
  if (!isJudged) return null;
  return recovered === undefined ? "never" : recovered * binMs - scenario.trigger.untilMs;
}

function herdRecovery(scenario: Scenario, figures: RunSeries, untilMs: number): Recovery {
  const needed = Math.ceil(scenario.clients.count * HERD_SHARE);
  const atUs = figures.answeredAtUs[needed - 1];
  return atUs === undefined ? "never" : Math.max(0, atUs / 1000 - untilMs);
}

/** The same for every run of a scenario, and for long ones much work. */
const possibleSharesOf = new WeakMap<Scenario, Float64Array>();

/** By bin: min(1, capacity ÷ offered load) over the window that begins there. */
function possibleShares(scenario: Scenario): Float64Array {
  const known = possibleSharesOf.get(scenario);
  if (known !== undefined) return known;
  const binMs = binMsOf(scenario);
  const bins = Math.ceil(scenario.runMs / binMs);
  const middles = Float64Array.from({ length: bins }, (_, bin) => (bin + 1 / 2) * binMs);
  const capacity = middles.map((atMs) => capacityPerSecond(scenario, atMs));
  const offered = middles.map((atMs) => offeredPerSecond(scenario, atMs));
  const width = WINDOW_MS / binMs;
  const shares = middles.map((_, bin) => {
    const asked = sum(offered, bin, Math.min(bins, bin + width));
    return asked === 0 ? 1 : Math.min(1, sum(capacity, bin, Math.min(bins, bin + width)) / asked);
  });
  possibleSharesOf.set(scenario, shares);
  return shares;
}

/**
 * Answers per second with all workers of the plan busy, at the concurrency they then have; or what the
 * server's rate cap lets in, where that is less. Of a chain, what its narrowest layer can do, when those
 * below it are not loaded. Faults and gates apart.
 */
export function capacityPerSecond(scenario: Scenario, atMs: number): number {
  const layers = [scenario, ...scenario.downstream];
  const { tickUs } = scenario;
  return Math.min(
    ...layers.map(({ server }, layer) =>
      serverCapacity(server, responseMs(layers.slice(layer + 1)), tickUs, atMs),
    ),
  );
}

/** @param heldMs how long a worker waits for the layers below */
function serverCapacity(server: ServerSpec, heldMs: number, tickUs: number, atMs: number): number {
  const workers = server.workers.findLast(({ fromMs }) => fromMs <= atMs)?.workers ?? 0;
  const slowdown = server.scalability === undefined ? 1 : slowdownAt(workers, server.scalability);
  // Work takes a tick at least.
  const serviceMs = Math.max(server.service.meanMs * slowdown, tickUs / 1000);
  const cap = server.rateCap?.findLast(({ fromMs }) => fromMs <= atMs);
  const perSecond = (workers * 1000) / (serviceMs + heldMs);
  return Math.min(perSecond, cap?.of === "server" ? cap.perSecond : Infinity);
}

/** From request to answer through all these layers, when nothing waits and nothing fails. */
export function responseMs(layers: readonly Pick<Scenario, "networkMs" | "server">[]): number {
  return layers.reduce((sum, layer) => sum + 2 * layer.networkMs + layer.server.service.meanMs, 0);
}

/**
 * Requests of first attempts per second, over all traffics; in closed load, what users would send if they
 * never had to wait; in recorded load, over so long a span around this time. Of an attempt that falls back, one
 * request: it sends more only when that fails.
 */
export function offeredPerSecond(
  scenario: Scenario,
  atMs: number,
  spanMs = binMsOf(scenario),
): number {
  return trafficsOf(scenario).reduce((sum, { load, attempt }) => {
    const requests = attempt.order === "fallback" ? 1 : attempt.requests;
    return sum + requests * callsPerSecond(load, scenario, atMs, spanMs);
  }, 0);
}

/** Calls that begin per second: see `offeredPerSecond`. */
export function callsPerSecond(
  load: LoadSpec,
  scenario: Scenario,
  atMs: number,
  spanMs = binMsOf(scenario),
): number {
  const { clients, runMs } = scenario;
  if (load.kind === "closed") return closedPerSecond(clients.count, load, atMs);
  if (load.kind === "poll") return (clients.count * 1000) / load.everyMs;
  if (load.kind === "herd") return 0;
  if (load.kind === "recorded") {
    const fromMs = Math.max(0, atMs - spanMs / 2);
    const untilMs = atMs + spanMs / 2;
    return (countBetween(load.atMs, fromMs, untilMs) * 1000) / (untilMs - fromMs);
  }
  const index = load.arrivals.findLastIndex(({ fromMs }) => fromMs <= atMs);
  const { fromMs, perSecond, rampToPerSecond = perSecond } = load.arrivals[index];
  const lastsMs = (load.arrivals[index + 1]?.fromMs ?? runMs) - fromMs;
  if (lastsMs <= 0) return perSecond;
  return perSecond + (rampToPerSecond - perSecond) * Math.min(1, (atMs - fromMs) / lastsMs);
}

/** Of the users there are by then, and of those who come for the first time. */
function closedPerSecond(clients: number, { thinkMs, joining }: ClosedLoad, atMs: number): number {
  if (joining === undefined) return (clients * 1000) / thinkMs;
  const { fromMs, untilMs } = joining;
  const come = Math.min(1, Math.max(0, (atMs - fromMs) / (untilMs - fromMs)));
  const users = clients - joining.clients * (1 - come);
  const isJoining = fromMs <= atMs && atMs < untilMs;
  const newPerMs = isJoining ? joining.clients / (untilMs - fromMs) : 0;
  return (users * 1000) / thinkMs + newPerMs * 1000;
}

function sum(bins: Float64Array | Uint32Array, from: number, to: number): number {
  let total = 0;
  for (let bin = from; bin < to; bin++) total += bins[bin];
  return total;
}

/** How long after the trigger a recovery can be seen: until the end of the run, of its patience for herds. */
export function recoveryHorizonMs({ load, patienceMs, runMs, trigger }: Scenario): number {
  const endMs = load.kind === "herd" ? runMs + patienceMs : runMs;
  return Math.max(0, endMs - (trigger?.untilMs ?? endMs));
}

/**
 * How long the server would be busy with the extra requests alone if every client emptied its jar at
 * once: clients · `burstPerClient` of the policy's claim · the requests of an attempt ÷ capacity.
 */
export function jarsMs(scenario: Scenario, burstPerClient: number, atMs: number): number {
  const requests = scenario.clients.count * burstPerClient * scenario.attempt.requests;
  return (requests * 1000) / capacityPerSecond(scenario, atMs);
}
