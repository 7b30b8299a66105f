/** A storm in words: who called, and what the server did. */
import type { FaultSpec, LoadSpec, Scenario, ServerSpec } from "../scenario.ts";
import type { Storm } from "./law.ts";

export function stormStory({ scenario, seed }: Storm): string {
  const { clients, server, faults, runMs } = scenario;
  return [
    `${calls(scenario.load, clients.count)} for ${seconds(runMs)}.`,
    `${capacity(server)} ${queue(server)}`,
    ...measures(server),
    ...faults.map((fault) => damage(fault, scenario)),
    ...scenario.flags.map(
      ({ atMs, name, value }) => `At ${seconds(atMs)} the flag ${name} is ${value}.`,
    ),
    `An attempt times out after ${seconds(clients.timeoutMs)}${deadline(clients.deadlineMs)}. Seed ${seed}.`,
  ].join(" ");
}

function calls(load: LoadSpec, clients: number): string {
  const [who, s] = clients === 1 ? ["1 client", "s"] : [`${clients} clients`, ""];
  switch (load.kind) {
    case "open": {
      const rates = load.arrivals.map(({ perSecond }) => Math.round(perSecond * 10) / 10);
      return `${who} make${s} ${rates.join(", then ")} calls a second in all`;
    }
    case "closed":
      return `${who} call${s}, think${s} ${seconds(load.thinkMs)}, and call${s} again`;
    case "poll":
      return `${who} call${s} every ${seconds(load.everyMs)}`;
    case "recorded":
      return `${who} make${s} ${load.atMs.length} calls at recorded times`;
    case "herd":
      return `${who} make${s} one call each ${load.overMs === 0 ? "at once" : `within ${seconds(load.overMs)}`}`;
  }
}

function capacity({ workers, service }: ServerSpec): string {
  const plan = workers.map((step) => step.workers).join(", then ");
  const isOne = workers.length === 1 && workers[0].workers === 1;
  const they = isOne ? "worker that takes" : "workers that take";
  return `The server has ${plan} ${they} ${service.meanMs} ms a request (${service.distribution})`;
}

function queue({ queue: { places, order }, rejection }: ServerSpec): string {
  const hint =
    rejection.retryAfterMs === undefined
      ? ""
      : ` and "retry after ${seconds(rejection.retryAfterMs)}"`;
  const cost = rejection.costMs === 0 ? "" : `, which takes a worker ${rejection.costMs} ms`;
  return `and ${places} places to wait (${order.toUpperCase()}); when they are full it answers ${rejection.status}${hint}${cost}.`;
}

/** What else the server has; the scenario says how much of it. */
function measures({ admission, rateCap, scalability, queue }: ServerSpec): string[] {
  const names = [
    admission && "gates",
    rateCap && "a rate cap",
    queue.codel && "controlled delay",
    queue.dropsExpired && "an eye on deadlines",
    scalability && "workers in each other's way",
  ].filter((name) => typeof name === "string");
  return names.length === 0 ? [] : [`It also has ${names.join(", ")}.`];
}

function damage(fault: FaultSpec, { runMs, patienceMs }: Scenario): string {
  const isAlways = fault.fromMs === 0 && fault.untilMs >= runMs + patienceMs;
  const when = isAlways
    ? "All the time"
    : `From ${seconds(fault.fromMs)} to ${seconds(fault.untilMs)}`;
  switch (fault.kind) {
    case "outage":
      return `${when} it is down.`;
    case "slowdown":
      return `${when} work takes ${fault.factor} times as long.`;
    case "partial":
      return `${when} it answers ${fault.status} to ${percent(fault.share)} of ${fault.of ?? "requests"}.`;
    case "loss":
      return `${when} the network loses ${percent(fault.share)} of what is sent.`;
  }
}

function deadline(deadlineMs: number | undefined): string {
  return deadlineMs === undefined ? "" : `, a call after ${seconds(deadlineMs)}`;
}

function percent(share: number): string {
  return `${(100 * share).toFixed(1)} %`;
}

function seconds(ms: number): string {
  return `${Math.round(ms) / 1000} s`;
}
