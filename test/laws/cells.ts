/** Each policy of the registry beside each law: which it breaks, and how hard the search tries. */
import type fc from "fast-check";
import { expect, it } from "vitest";
import { type MakeOptions, type PolicyName, registry } from "../../policies/index.ts";
import type { Policy } from "../../src/policy.ts";
import { SCENARIO_DEFAULTS } from "../../src/scenario.ts";
import { simulate } from "../../src/sim/simulation.ts";
import { type Law, laws, type Storm } from "../../src/vet/index.ts";
import { type Found, search } from "./search.ts";
import { herds, rareFailures, smallStorms, steadyLoads, triggers } from "./storms.ts";

/** As the default scenarios make them. */
export const MAKE_OPTIONS: MakeOptions = {
  ...SCENARIO_DEFAULTS.retry,
  attemptsMax: SCENARIO_DEFAULTS.retry.attemptsMax ?? Infinity,
  deadlineMs: SCENARIO_DEFAULTS.patienceMs,
};

/** The laws that each policy breaks; it keeps the others. */
export const BROKEN: Readonly<Record<PolicyName, readonly number[]>> = {
  none: [6],
  immediate: [1, 2, 3, 4, 5],
  fixed: [1, 2, 3, 4, 5],
  exponential: [1, 2, 3, 4, 5],
  "equal-jitter": [1, 2, 3, 4, 5],
  "full-jitter": [1, 2, 3, 5],
  "decorrelated-jitter": [1, 2, 3, 5],
  "retry-after": [1, 2, 3],
  deadline: [1, 2, 3, 5],
  budgeted: [5],
  "circuit-breaker": [1, 2, 3, 5],
  "adaptive-throttling": [1, 2, 3, 5],
  hedged: [5],
  "session-reset": [1, 2, 3, 5],
  vetted: [],
  "vetted-session-reset": [],
};

const small = smallStorms({ tickUs: 1, changesInterval: false });
const flagged = smallStorms({ tickUs: 1, changesInterval: true });

/**
 * The storms of each law, and how many: for most policies, and for those that are called vetted. A law
 * about decisions is cheap to try, one about a server is not.
 */
const SEARCHES: Readonly<Record<number, readonly [fc.Arbitrary<Storm>, number, number]>> = {
  1: [small, 100, 1_000],
  2: [triggers(1), 20, 60],
  3: [steadyLoads(1), 40, 100],
  4: [herds(1, 1_000), 20, 150],
  5: [small, 100, 1_000],
  6: [rareFailures(1, 30_000), 4, 16],
  7: [flagged, 100, 1_000],
  8: [flagged, 60, 500],
};

/** One test a law, and one that writes down what the search found, in docs/laws. */
export function specifyPolicy(name: PolicyName, isVetted: boolean): void {
  const policy = registry[name].make(MAKE_OPTIONS);
  const found = new Map<Law, Found>();
  for (const law of laws) {
    const verb = BROKEN[name].includes(law.number) ? "breaks" : "keeps";
    it(`${verb} law ${law.number} (${law.name})`, async () => {
      const result = await searchSimulator(law, policy, isVetted);
      found.set(law, result);
      expect(result, "story" in result ? result.story : "").toMatchObject({
        breaks: verb === "breaks",
      });
    });
  }
  it("is written down as found", async () => {
    const page = lawPage(name, found);
    console.log(page);
    await expect(page).toMatchFileSnapshot(`../../docs/laws/${name}.md`);
  });
}

function searchSimulator(law: Law, policy: Policy, isVetted: boolean): Promise<Found> {
  const [storms, few, many] = SEARCHES[law.number];
  return search(law, policy, { storms, run: simulate, numRuns: isVetted ? many : few });
}

function lawPage(name: PolicyName, found: ReadonlyMap<Law, Found>): string {
  const rows = [...found].map(([law, result]) => {
    const verdict = result.breaks
      ? `broken. ${result.story}`
      : `kept in ${result.storms} storms: ${law.promise}.`;
    return `- **${law.number}. ${law.name}**: ${verdict}`;
  });
  return [`# ${name}`, "", registry[name].about, "", ...rows, ""].join("\n");
}
