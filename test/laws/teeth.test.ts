/** A law is only worth its teeth: what each catches beside the policies of the registry. */
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { registry } from "../../policies/index.ts";
import { defineScenario } from "../../src/scenario.ts";
import { simulate } from "../../src/sim/simulation.ts";
import { type Law, laws, stormStory } from "../../src/vet/index.ts";
import {
  impure,
  overflows,
  resetsAlways,
  resetsSpread,
  resetsTogether,
  resetsWithFlagOff,
} from "./broken-policies.ts";
import { MAKE_OPTIONS } from "./cells.ts";
import { type SearchOptions, search } from "./search.ts";
import { flips, smallStorms } from "./storms.ts";

const law = (number: number): Law => laws[number - 1];
const small: SearchOptions = {
  storms: smallStorms({ tickUs: 1, changesInterval: true }),
  run: simulate,
  numRuns: 200,
};
const flipping: SearchOptions = { storms: flips(1), run: simulate, numRuns: 20 };

describe("a storm in words", () => {
  const scenario = defineScenario({
    name: "measures",
    shows: "What operators do.",
    runMs: 1_000,
    load: { kind: "herd", fromMs: 0, overMs: 0 },
    server: {
      admission: [{ fromMs: 0, gate: "closed" }],
      queue: { codel: {}, dropsExpired: true },
    },
    faults: [{ kind: "loss", fromMs: 0, untilMs: 500, share: 0.25 }],
  });

  it("names what the server does beside its work, and what the network does not", () => {
    const story = stormStory({ scenario, seed: 1 });
    expect(story).toContain("It also has gates, controlled delay, an eye on deadlines.");
    expect(story).toContain("From 0 s to 0.5 s the network loses 25.0 % of what is sent.");
    const plain = defineScenario({ ...scenario, server: {}, faults: [] });
    expect(stormStory({ scenario: plain, seed: 1 })).not.toContain("It also has");
  });
});

describe("law 1 (bounded amplification)", () => {
  it("counts the successes that a client is told of, whatever became of the work", async () => {
    const scenario = defineScenario({
      name: "dropping",
      shows: "Answers that buy retries, and were not worth a thing.",
      runMs: 60_000,
      clients: { count: 1, timeoutMs: 50 },
      load: { kind: "open", arrivals: [{ fromMs: 0, perSecond: 50 }] },
      server: { admission: [{ fromMs: 0, gate: "drop" }] },
      faults: [{ kind: "loss", fromMs: 0, untilMs: 100_000, share: 0.05 }],
    });
    const policy = registry.budgeted.make(MAKE_OPTIONS);
    const storm = { scenario, seed: 1 };
    expect(await law(1).judge(policy, storm, simulate)).toEqual({ kept: true });
    // One token more than the jar and the successes are worth would be too many.
    const stricter = { ...policy, claim: { burstPerClient: 10, ratio: 0, perSecond: 0 } };
    expect(await law(1).judge(stricter, storm, simulate)).toMatchObject({ kept: false });
  });
});

describe("law 7 (sessions)", () => {
  it("is undecided where each client learns of flags at its own time", async () => {
    const [{ scenario }] = fc.sample(smallStorms({ tickUs: 1, changesInterval: true }), 1);
    const clients = { ...scenario.clients, flagsRefreshMs: 100 };
    const storm = { scenario: { ...scenario, clients }, seed: 1 };
    const verdict = await law(7).judge(resetsAlways, storm, simulate);
    expect(verdict).toMatchObject({ kept: "undecided" });
  });

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
