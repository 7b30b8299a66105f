/**
 * Law 2: full jars are a debt, and the debt is bounded.
 *
 * After a trigger, on a FIFO or LIFO server of constant capacity C with free rejection, ≥ 10 workers, a
 * timeout ≥ 10 mean services and offered load λ ≤ 0.9 · C ÷ (1 + ratio), a policy recovers at most
 * 1.25 · clients · burst ÷ (C − (1 + ratio) · λ) + 3 s after `none` does on the same draws.
 *
 * One late window of bad luck is no debt: the law is broken when most of five seeds pass the bound.
 */
import { answeredShare } from "../measure/formulas.ts";
import { recovery } from "../measure/recovery.ts";
import type { Policy } from "../policy.ts";
import type { Scenario } from "../scenario.ts";
import { broken, KEPT, type Law, type Run, type Storm, undecided, type Verdict } from "./law.ts";
import { claimOf, finalLoad, measured, noRetries } from "./paired.ts";

const WORKERS_MIN = 10;
const TIMEOUT_SERVICES_MIN = 10;
const LOAD_MAX = 0.9;
const DEBT_FACTOR = 1.25;
const GRACE_MS = 3_000;
const SEEDS = 5;

export const boundedDebt: Law = {
  number: 2,
  name: "bounded debt",
  promise: "after a trigger it recovers not much later than it takes to pay its tokens back",
  async judge(policy, storm, run) {
    const first = await judgeOnce(policy, storm, run);
    if (first.kept !== false) return first;
    let breaches = 1;
    for (let again = 1; again < SEEDS; again++) {
      const seed = storm.seed + again * 1000;
      const verdict = await judgeOnce(policy, { ...storm, seed }, run);
      if (verdict.kept === false) breaches++;
    }
    return breaches > SEEDS / 2 ? first : KEPT;
  },
};

async function judgeOnce(policy: Policy, storm: Storm, run: Run): Promise<Verdict> {
  const { scenario } = storm;
  const { burstPerClient, ratio } = claimOf(policy);
  const outside = outsideDomain(scenario, ratio);
  if (outside !== undefined) return undecided(outside);
  const { capacity, offered } = finalLoad(scenario);
  const none = await measured(noRetries, storm, run);
  const healthyShare = answeredShare(none.beforeTrigger) ?? 1;
  const noneMs = recovery(scenario, none, healthyShare);
  if (typeof noneMs !== "number") return undecided("`none` itself did not recover");
  const debtMs =
    (1000 * DEBT_FACTOR * scenario.clients.count * burstPerClient) /
    (capacity - (1 + ratio) * offered);
  const boundMs = noneMs + debtMs + GRACE_MS;
  const horizonMs = scenario.runMs - 3_000 - (scenario.trigger?.untilMs ?? 0);
  if (boundMs > horizonMs) return undecided(`the bound, ${boundMs} ms, lies beyond the run`);
  const ownMs = recovery(scenario, await measured(policy, storm, run), healthyShare);
  if (typeof ownMs === "number" && ownMs <= boundMs) return KEPT;
  const own = typeof ownMs === "number" ? `${(ownMs / 1000).toFixed(1)} s` : "never";
  return broken(
    `Without retries it recovers in ${(noneMs / 1000).toFixed(1)} s; with ${policy.name}: ${own}. ` +
      `The bound is ${(boundMs / 1000).toFixed(1)} s.`,
  );
}

function outsideDomain(scenario: Scenario, ratio: number): string | undefined {
  const { server, clients, trigger } = scenario;
  const { capacity, offered } = finalLoad(scenario);
  if (trigger === undefined) return "there is no trigger";
  if (scenario.load.kind === "recorded") return "the offered load is not constant";
  if (server.workers.length > 1 || server.scalability !== undefined)
    return "the capacity is not constant";
  if (server.queue.codel || server.queue.dropsExpired) return "not all that waits is served";
  if (server.admission || server.rateCap) return "the server turns away what it could take";
  if (server.rejection.costMs > 0) return "rejection is not free";
  if (server.workers[0].workers < WORKERS_MIN) return `fewer than ${WORKERS_MIN} workers`;
  if (clients.timeoutMs < TIMEOUT_SERVICES_MIN * server.service.meanMs)
    return "the timeout is short";
  if (offered > (LOAD_MAX * capacity) / (1 + ratio))
    return "the offered load is too near the capacity";
  return undefined;
}
