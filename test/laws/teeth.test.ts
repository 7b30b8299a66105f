/** A law is only worth its teeth: what each catches beside the policies of the registry. */
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { budgeted, registry, retryAfter } from "../../policies/index.ts";
import { defineScenario } from "../../src/scenario.ts";
import { simulate } from "../../src/sim/simulation.ts";
import { type Law, laws, stormStory } from "../../src/vet/index.ts";
import {
  hedgesAlways,
  hedgesOften,
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

describe("law 1 (bounded amplification) counts hedges", () => {
  it("and catches a policy whose every attempt has one", async () => {
    const found = await search(law(1), hedgesAlways, small);
    expect(found).toMatchObject({ breaks: true, story: expect.stringContaining("extra requests") });
  });

  it("and is kept when they come from the budget, however soon", async () => {
    const policy = budgeted(hedgesOften, { tokensMax: 2 });
    expect(await search(law(1), policy, small)).toEqual({ breaks: false, storms: 200 });
  });
});

describe("law 5 (never early), of attempts in flight together", () => {
  it("is kept when whichever Retry-After came is waited for", async () => {
    const found = await search(law(5), retryAfter(hedgesOften), small);
    expect(found).toEqual({ breaks: false, storms: 200 });
  });

  it("catches a hedge before the time that another attempt was told", async () => {
    const storm = { scenario: fc.sample(small.storms, 1)[0].scenario, seed: 1 };
    const verdict = await law(5).judge(hedgesOften, storm, ({ trace }) => {
      trace.callStarted(0, 0, 1);
      trace.requestSent(0, 0, 1, 1, 0);
      trace.requestSent(10, 0, 1, 2, 0);
      trace.requestEnded(20, 0, 1, 2, 0, { kind: "rejected", status: 503, retryAfterMs: 1 });
      trace.requestEnded(30, 0, 1, 1, 0, { kind: "timeout" });
      trace.requestSent(40, 0, 1, 3, 0);
      return {
        calls: 1,
        attempts: 3,
        retries: 1,
        hedges: 1,
        sessionResets: 0,
        cut: false,
        endUs: 40,
      };
    });
    expect(verdict).toMatchObject({ kept: false });
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
