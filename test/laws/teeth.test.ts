/** A law is only worth its teeth: what each catches beside the policies of the registry. */
import { describe, expect, it } from "vitest";
import { simulate } from "../../src/sim/simulation.ts";
import { type Law, laws } from "../../src/vet/index.ts";
import {
  impure,
  overflows,
  resetsAlways,
  resetsSpread,
  resetsTogether,
  resetsWithFlagOff,
} from "./broken-policies.ts";
import { type SearchOptions, search } from "./search.ts";
import { flips, smallStorms } from "./storms.ts";

const law = (number: number): Law => laws[number - 1];
const small: SearchOptions = {
  storms: smallStorms({ tickUs: 1, changesInterval: true }),
  run: simulate,
  numRuns: 200,
};
const flipping: SearchOptions = { storms: flips(1), run: simulate, numRuns: 20 };

describe("law 7 (sessions)", () => {
  it("catches a policy that resets at every retry", async () => {
    const found = await search(law(7), resetsAlways, small);
    expect(found).toMatchObject({
      breaks: true,
      story: expect.stringContaining("the interval was"),
    });
  });

  it("catches a policy that resets with the flag off", async () => {
    const found = await search(law(7), resetsWithFlagOff, small);
    expect(found).toMatchObject({
      breaks: true,
      story: expect.stringContaining("with the flag off"),
    });
  });

  it("catches clients that all reset when the flag goes on", async () => {
    const found = await search(law(7), resetsTogether, flipping);
    expect(found).toMatchObject({
      breaks: true,
      story: expect.stringContaining("The flag went on"),
    });
  });

  it("is kept when the same resets come spread", async () => {
    expect(await search(law(7), resetsSpread, flipping)).toEqual({ breaks: false, storms: 20 });
  });
});

describe("law 8 (pure)", () => {
  for (const policy of impure) {
    it(`catches a policy that ${policy.name.replaceAll("-", " ")}`, async () => {
      const found = await search(law(8), policy, small);
      expect(found).toMatchObject({ breaks: true });
    });
  }
});

describe("law 5 (never early)", () => {
  it("catches a wait that is no finite number", async () => {
    const found = await search(law(5), overflows, small);
    expect(found).toMatchObject({ breaks: true, story: expect.stringContaining("Infinity ms") });
  });
});
