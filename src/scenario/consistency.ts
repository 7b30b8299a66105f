/** What no field can say alone: which of a scenario's numbers must fit which. */
import type { z } from "zod";
import type { LoadSpec, Scenario, ServerSpec, ServiceSpec } from "../scenario.ts";
import { show } from "./issue-message.ts";
import { largest, meanOf } from "./numbers-schema.ts";

type Path = (string | number)[];
type Loaded = Pick<Scenario, "load">;
type LoadOf<Kind extends LoadSpec["kind"]> = Extract<LoadSpec, { kind: Kind }>;
type Say = (path: Path, expected: string, got: unknown) => void;

/** To be called by the schema when every field is fine by itself. */
export function checkConsistency(scenario: Scenario, context: z.core.$RefinementCtx): void {
  const say: Say = (path, expected, got) =>
    context.addIssue({
      code: "custom",
      path,
      message: `expected ${expected}, got ${show(got)}.`,
    });
  checkTimes(scenario, say);
  checkJar(scenario, say);
  checkTrigger(scenario, say);
  checkNames(scenario.cohorts, ["cohorts"], "cohort", say);
  checkNames(scenario.traffics, ["traffics"], "traffic", say);
  checkLoad(scenario, scenario, [], say);
  for (const [index, traffic] of scenario.traffics.entries()) {
    checkLoad(traffic, scenario, ["traffics", index], say);
  }
  checkCohorts(scenario, say);
  checkLayer(scenario, scenario, [], say);
  for (const [index, layer] of scenario.downstream.entries()) {
    checkLayer(layer, scenario, ["downstream", index], say);
  }
}

function checkJar({ retry: { budgetTokensMax, budgetTokensInitial } }: Scenario, say: Say): void {
  if (budgetTokensInitial === undefined || budgetTokensInitial <= budgetTokensMax) return;
  const expected = `at most budgetTokensMax (${budgetTokensMax})`;
  say(["retry", "budgetTokensInitial"], expected, budgetTokensInitial);
}

/** The load of the scenario, or of another traffic of its clients. */
function checkLoad({ load }: Loaded, scenario: Scenario, path: Path, say: Say): void {
  const sayOfLoad: Say = (place, ...said) => say([...path, "load", ...place], ...said);
  if (load.kind === "open") checkPlan(load.arrivals, ["arrivals"], sayOfLoad);
  if (load.kind === "herd") checkHerd(load, scenario, sayOfLoad);
  if (load.kind === "closed") checkJoining(load, scenario, sayOfLoad);
  if (load.kind === "recorded") {
    checkRecordedLoad(load, scenario, sayOfLoad);
    checkRecordedClients(load, scenario, say);
  }
}

/** Figures are told apart by them. */
function checkNames(
  list: readonly { readonly name: string }[],
  path: Path,
  what: string,
  say: Say,
): void {
  for (const [index, { name }] of list.entries()) {
    if (list.findIndex((other) => other.name === name) < index) {
      say([...path, index, "name"], `a name that no other ${what} has`, name);
    }
  }
}

type Layer = Pick<Scenario, "server" | "faults" | "networkMs">;

/** The server that clients call, or one behind it. */
function checkLayer(layer: Layer, { tickUs }: Scenario, path: Path, say: Say): void {
  const { server, faults, networkMs } = layer;
  if (networkMs * 1000 < tickUs) {
    say([...path, "networkMs"], `at least one tick (${tickUs / 1000} ms)`, networkMs);
  }
  for (const [index, { fromMs, untilMs }] of faults.entries()) {
    if (untilMs <= fromMs) {
      say([...path, "faults", index, "untilMs"], `more than fromMs (${fromMs})`, untilMs);
    }
  }
  checkServer(server, [...path, "server"], say);
  checkRecordedService(server.service, [...path, "server", "service"], say);
}

function checkTimes({ warmUpMs, runMs }: Scenario, say: Say): void {
  if (warmUpMs >= runMs) say(["warmUpMs"], `less than runMs (${runMs})`, warmUpMs);
}

function checkTrigger({ trigger, load, runMs }: Scenario, say: Say): void {
  if (trigger === undefined) return;
  const { fromMs, untilMs } = trigger;
  if (untilMs <= fromMs) say(["trigger", "untilMs"], `more than fromMs (${fromMs})`, untilMs);
  if (load.kind !== "herd" && untilMs >= runMs) {
    say(["trigger", "untilMs"], `less than runMs (${runMs})`, untilMs);
  }
}

/** Who came later would be left out without a word, and the herd could never recover. */
function checkHerd({ fromMs, overMs }: LoadOf<"herd">, { runMs }: Scenario, say: Say): void {
  if (fromMs + overMs < runMs) return;
  say(["overMs"], `the herd to have come before runMs (${runMs})`, overMs);
}

function checkJoining(load: LoadOf<"closed">, { clients, runMs }: Scenario, say: Say): void {
  if (load.joining === undefined) return;
  const { clients: joining, fromMs, untilMs } = load.joining;
  if (joining > clients.count) {
    say(["joining", "clients"], `at most clients.count (${clients.count})`, joining);
  }
  if (untilMs <= fromMs || untilMs >= runMs) {
    const expected = `more than fromMs (${fromMs}) and less than runMs (${runMs})`;
    say(["joining", "untilMs"], expected, untilMs);
  }
}

function checkCohorts({ cohorts }: Scenario, say: Say): void {
  let left = 1;
  for (const [index, { share, rollout }] of cohorts.entries()) {
    // A few times 0.1 may be a little more than 1.
    if (share > left + 1e-9) {
      say(["cohorts", index, "share"], `at most what the others leave (${round(left)})`, share);
    }
    left -= share;
    if (rollout !== undefined && rollout.untilMs <= rollout.fromMs) {
      const path = ["cohorts", index, "rollout", "untilMs"];
      say(path, `more than fromMs (${rollout.fromMs})`, rollout.untilMs);
    }
  }
}

function round(share: number): number {
  return Math.max(0, Number(share.toFixed(6)));
}

function checkServer(server: ServerSpec, path: Path, say: Say): void {
  const { workers, admission, rateCap, queue } = server;
  checkPlan(workers, [...path, "workers"], say);
  checkPlan(admission ?? [], [...path, "admission"], say);
  checkPlan(rateCap ?? [], [...path, "rateCap"], say);
  const { order, lifoAbove, codel } = queue;
  if ((order === "adaptive-lifo") !== (lifoAbove !== undefined)) {
    const expected = order === "adaptive-lifo" ? "a whole number" : `nothing with order "${order}"`;
    say([...path, "queue", "lifoAbove"], expected, lifoAbove);
  }
  if (codel && codel.targetMs > codel.intervalMs) {
    const at = [...path, "queue", "codel", "targetMs"];
    say(at, `at most intervalMs (${codel.intervalMs})`, codel.targetMs);
  }
}

function checkPlan(plan: readonly { fromMs: number }[], path: Path, say: Say): void {
  for (const [index, { fromMs }] of plan.entries()) {
    if (index === 0 ? fromMs !== 0 : fromMs <= plan[index - 1].fromMs) {
      say([...path, index, "fromMs"], "0 for the first step, then later and later", fromMs);
    }
  }
}

function checkRecordedLoad(load: LoadOf<"recorded">, { runMs }: Scenario, say: Say): void {
  const { atMs, clients: whose = [] } = load;
  if (atMs[0] >= runMs) say(["atMs"], `a time before runMs (${runMs})`, atMs[0]);
  if (load.clients && whose.length !== atMs.length) {
    say(["clients"], `as many as atMs (${atMs.length})`, whose.length);
  }
}

function checkRecordedClients(load: LoadOf<"recorded">, { clients }: Scenario, say: Say): void {
  const last = largest(load.clients ?? []);
  if (last >= clients.count) {
    say(["clients", "count"], `at least the ${last + 1} clients that are recorded`, clients.count);
  }
}

function checkRecordedService(service: ServiceSpec, path: Path, say: Say): void {
  if (service.distribution !== "recorded" || service.meanMs === 0) return;
  if (meanOf(service.serviceMs) === 0) {
    say([...path, "meanMs"], "0, as all recorded times are", service.meanMs);
  }
}
