/**
 * Law 3: a budget costs at most its ratio.
 *
 * Once the first tokens are spent, the answered share at λ is at least that of `none` at
 * (1 + ratio) · λ, less 0.02, on any server whose chance of success does not rise with load. Where
 * accepted work is always in time (queue ≤ 0.3 · timeout · C, free rejection, λ ≥ C), goodput is at
 * least 0.98 of that of `none`. Both are broken only when chance (4 standard errors) cannot explain it.
 */
import { answeredShare } from "../measure/formulas.ts";
import type { Scenario } from "../scenario.ts";
import { broken, KEPT, type Law, type Run, type Storm, undecided } from "./law.ts";
import { claimOf, finalLoad, measured, noRetries } from "./paired.ts";

const SHARE_MARGIN = 0.02;
const GOODPUT_MIN = 0.98;
const CALLS_MIN = 500;
const SIGMAS = 4;

export const costsItsRatio: Law = {
  number: 3,
  name: "costs its ratio",
  promise: "under steady load it answers as much as no retries would at its ratio more load",
  async judge(policy, storm, run) {
    const { scenario } = storm;
    if (scenario.load.kind !== "open") return undecided("the load is not open");
    const { ratio } = claimOf(policy);
    const own = (await measured(policy, storm, run)).total;
    if (own.calls < CALLS_MIN) return undecided(`fewer than ${CALLS_MIN} calls after the warm-up`);
    const ownShare = answeredShare(own) ?? 0;
    const heavier = await shareOfNone(storm, 1 + ratio, run);
    const allowed = heavier - SHARE_MARGIN - SIGMAS * standardError(heavier, own.calls);
    if (ownShare < allowed) {
      return broken(
        `It answered ${percent(ownShare)} of ${own.calls} calls; no retries at ${1 + ratio} times the load ` +
          `answer ${percent(heavier)}.`,
      );
    }
    if (!isAlwaysInTime(scenario)) return KEPT;
    const same = await shareOfNone(storm, 1, run);
    const needed = GOODPUT_MIN * same - SIGMAS * standardError(same, own.calls);
    if (ownShare >= needed) return KEPT;
    return broken(
      `It answered ${percent(ownShare)} of ${own.calls} calls at a server whose work is always in time; ` +
        `no retries answer ${percent(same)}.`,
    );
  },
};

async function shareOfNone({ scenario, seed }: Storm, factor: number, run: Run): Promise<number> {
  const { load } = scenario;
  if (load.kind !== "open") return 0;
  const arrivals = load.arrivals.map((step) => ({ ...step, perSecond: step.perSecond * factor }));
  const heavier = { ...scenario, load: { ...load, arrivals } };
  return answeredShare((await measured(noRetries, { scenario: heavier, seed }, run)).total) ?? 0;
}

function isAlwaysInTime(scenario: Scenario): boolean {
  const { capacity, offered } = finalLoad(scenario);
  const { server, clients } = scenario;
  const placesMax = (0.3 * clients.timeoutMs * capacity) / 1000;
  return (
    server.queue.places <= placesMax &&
    server.rejection.costMs === 0 &&
    server.admission === undefined &&
    server.rateCap === undefined &&
    offered >= capacity
  );
}

/** Of the difference of two shares of about so many calls. */
function standardError(share: number, calls: number): number {
  return Math.sqrt((2 * share * (1 - share)) / calls);
}

function percent(share: number): string {
  return `${(100 * share).toFixed(1)} %`;
}
