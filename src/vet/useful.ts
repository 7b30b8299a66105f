/**
 * Law 6: retries mend what retries can mend.
 *
 * With independent failures at half the capacity, at most a tenth of the calls that `none` loses stay
 * unanswered (upper 99 % bound). So "never retry" does not pass.
 */
import { broken, KEPT, type Law, undecided } from "./law.ts";
import { finalLoad, measured, noRetries } from "./paired.ts";

const LOST_SHARE_MAX = 0.1;
/** With fewer, the bound of a policy that loses none would not pass. */
const LOST_MIN = 60;
const Z_99 = 2.326;

export const useful: Law = {
  number: 6,
  name: "useful",
  promise: "of the calls that rare failures lose without retries, it loses at most a tenth",
  async judge(policy, storm, run) {
    const { scenario } = storm;
    const { capacity, offered } = finalLoad(scenario);
    const isOnlyFailures = scenario.faults.every(({ kind }) => kind === "partial");
    if (!isOnlyFailures || offered > capacity / 2) return undecided("not only rare failures");
    const none = (await measured(noRetries, storm, run)).total;
    const lost = none.calls - none.answered;
    if (lost < LOST_MIN) return undecided(`\`none\` lost only ${lost} calls`);
    const own = (await measured(policy, storm, run)).total;
    const lostOwn = own.calls - own.answered;
    if (poissonUpper(lostOwn) <= LOST_SHARE_MAX * lost) return KEPT;
    // Between what it lost and its upper bound lies chance.
    if (lostOwn <= LOST_SHARE_MAX * lost)
      return undecided(`${lostOwn} lost calls are too few to tell`);
    return broken(
      `Of ${none.calls} calls ${lost} failed once; with ${policy.name} ${lostOwn} stayed unanswered.`,
    );
  },
};

/**
 * Upper 99 % bound of a Poisson count, by Byar's approximation (N. E. Breslow and N. E. Day,
 * Statistical Methods in Cancer Research II, IARC 1987, chapter 2).
 */
function poissonUpper(count: number): number {
  const next = count + 1;
  return next * (1 - 1 / (9 * next) + Z_99 / (3 * Math.sqrt(next))) ** 3;
}
