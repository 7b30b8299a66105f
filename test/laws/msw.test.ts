/** The laws over the wire: real fetch, the real helper, a few dozen storms. */
import type fc from "fast-check";
import { describe, expect, it } from "vitest";
import { type PolicyName, registry } from "../../policies/index.ts";
import { runMsw } from "../../src/msw/run.ts";
import { laws, type Storm } from "../../src/vet/index.ts";
import { resetsSpread, resetsTogether } from "./broken-policies.ts";
import { BROKEN, MAKE_OPTIONS } from "./cells.ts";
import { search } from "./search.ts";
import {
  flips,
  herds,
  rareFailures,
  smallStorms,
  smallTriggers,
  steadyTrickles,
} from "./storms.ts";

const small = smallStorms({ tickUs: 1000, changesInterval: false });
const flagged = smallStorms({ tickUs: 1000, changesInterval: true });

/** By law: storms, and how many of them. */
const SEARCHES: readonly [number, fc.Arbitrary<Storm>, number][] = [
  [1, small, 25],
  [2, smallTriggers(1000), 1],
  [3, steadyTrickles(1000), 2],
  [4, herds(1000, 150), 3],
  [5, small, 25],
  [6, rareFailures(1000, 1_500, [0.05]), 1],
  [7, flagged, 25],
  [8, flagged, 12],
];

/** Of `immediate`, the laws that a small storm shows broken. */
const LAWS: readonly [PolicyName, readonly number[]][] = [
  ["vetted", [1, 2, 3, 4, 5, 6, 7, 8]],
  ["vetted-session-reset", [1, 2, 3, 4, 5, 6, 7, 8]],
  ["immediate", [1, 4, 5]],
];

for (const [name, numbers] of LAWS) {
  describe(`${name}, over real fetch`, () => {
    for (const [number, storms, numRuns] of SEARCHES.filter(([n]) => numbers.includes(n))) {
      const law = laws[number - 1];
      const verb = BROKEN[name].includes(number) ? "breaks" : "keeps";
      it(`${verb} law ${number} (${law.name})`, async () => {
        const policy = registry[name].make(MAKE_OPTIONS);
        const found = await search(law, policy, { storms, run: runMsw, numRuns, shrinks: false });
        expect(found, "story" in found ? found.story : "").toMatchObject({
          breaks: verb === "breaks",
        });
      });
    }
  });
}

describe("session resets after a flip, over real fetch", () => {
  it("break law 7 when they come together", async () => {
    const found = await search(laws[6], resetsTogether, {
      storms: flips(1000),
      run: runMsw,
      numRuns: 2,
    });
    expect(found.breaks).toBe(true);
  });

  it("keep it when they come spread", async () => {
    const found = await search(laws[6], resetsSpread, {
      storms: flips(1000),
      run: runMsw,
      numRuns: 2,
    });
    expect(found.breaks).toBe(false);
  });
});
