/** The overload arithmetic of the SRE book, by simulation wherever a scenario can express it. */
import { fixed, immediate } from "../../policies/index.ts";
import { amplification } from "../../src/measure/formulas.ts";
import type { Policy } from "../../src/policy.ts";
import type { Scenario } from "../../src/scenario.ts";
import { simulate } from "../../src/sim/simulation.ts";
import { publish } from "./publish.ts";
import { arithmetic, equals, isWithin } from "./result.ts";
import { atTheLastOf, bySeed, failing, metered, perSecond, server, setting } from "./runs.ts";
import { SecondCounts } from "./second-counts.ts";

const CAPACITY = 10_000;
const OFFERED = 10_100;

/**
 * By how much the retries grow each second, once the short queue is full. Poisson calls vary as much in a
 * second as the excess amounts to, so what came beyond 10,100 is taken out.
 */
function growthPerSecond(seed: number): number {
  const [from, until] = [10, 22];
  const scenario = setting({
    runMs: (until + 1) * 1_000,
    clients: { count: 1_000, timeoutMs: 60_000 },
    load: perSecond(OFFERED),
    server: server(CAPACITY / 1_000, 1, 100),
    patienceMs: 1,
  });
  const counts = new SecondCounts(until + 1);
  const policy = fixed({ delayMs: 1_000, attemptsMax: Infinity });
  simulate({ scenario, policy, seed, trace: counts });
  const unexpected = counts.calls
    .subarray(from, until)
    .reduce((sum, calls) => sum + calls - OFFERED, 0);
  return (counts.retries[until] - counts.retries[from] - unexpected) / (until - from);
}

/** Attempts ÷ calls in the steady state of a server that answers so much and rejects the rest. */
function steadyAmplification(overload: number, attemptsMax: number, seed: number): number {
  const capacity = 1_000;
  const scenario = setting({
    runMs: 40_000,
    warmUpMs: 10_000,
    clients: { count: 1_000, timeoutMs: 60_000 },
    load: perSecond(overload * capacity),
    server: server(10, 10, 50),
  });
  return amplificationOf(scenario, scattered(attemptsMax), seed);
}

/** What `attemptsMax` attempts come to when a share of the overload is answered, and each attempt has the same chance. */
function steadyState(overload: number, attemptsMax: number): number {
  const rejected = (1 - 1 / overload) ** (1 / attemptsMax);
  return 1 / overload / (1 - rejected);
}

/** Waits 50 to 150 ms, so that every attempt finds the server at an ordinary moment. */
function scattered(attemptsMax: number): Policy {
  return {
    name: "scattered",
    initial: {},
    decide(_state, event, random) {
      if (event.kind !== "failure") return { do: "send" };
      if (event.attempt >= attemptsMax) return { do: "stop", why: "attempts" };
      return { do: "wait", delayMs: 50 + 100 * random() };
    },
  };
}

/** Retries only while retries ÷ all requests of the client are below `share`. */
function clientBudget(inner: Policy, share: number): Policy {
  return {
    name: "client-budget",
    initial: { requests: 0, retries: 0 },
    decide(state, event, random) {
      const decision = inner.decide({}, event, random);
      if (event.kind === "start") state.requests++;
      if (event.kind !== "failure" || decision.do === "stop") return decision;
      if (state.retries >= share * state.requests) return { do: "stop", why: "budget" };
      state.requests++;
      state.retries++;
      return decision;
    },
  };
}

function amplificationOf(scenario: Scenario, policy: Policy, seed: number): number {
  return amplification(metered(scenario, policy, seed).total) ?? Number.NaN;
}

/** A backend that rejects nearly everything. */
function overwhelmed(share: number): Scenario {
  return setting({
    runMs: 20_000,
    clients: { count: 10, timeoutMs: 1_000 },
    load: perSecond(1_000),
    faults: failing(share),
  });
}

publish({
  page: "sre-book",
  title: "Site Reliability Engineering, chapters 21 and 22 (Google, 2016)",
  address:
    "https://sre.google/sre-book/addressing-cascading-failures/, https://sre.google/sre-book/handling-overload/",
  notes: [
    "The book counts a steady stream; ours is Poisson, and what came beyond the expected number is taken out of the growth. A queue of 100 places keeps the server busy; it rejects what finds them taken.",
    "The steady state of 10,100 on 10,000 is not simulated: at 1 % overload the chance of a few seconds is as large as the excess, and the load of hundreds of seconds would have to be averaged. The same formula is held by simulation at 10 % and 100 % overload.",
    "“Just 1.1x” is read as 10 % of all requests being retries, 1 ÷ 0.9.",
    "Three layers that retry are clients, a frontend and a backend: three servers in a row, of which the last, the database, rejects everything. Who has tried four times answers 502 to the layer above.",
  ],
  results: [
    equals({
      quantity: "10,100/s on 10,000/s, retried after 1 s: retries grow each second by",
      theirs: 100,
      has: "printed",
      decimals: 1,
      sharpTo: 5,
      ours: () => bySeed(7, growthPerSecond),
    }),
    arithmetic(
      "10,100/s on 10,000/s, 10 attempts: load in the end",
      27_051,
      OFFERED * steadyState(1.01, 10),
      "derived",
    ),
    equals({
      quantity: "1.1 times capacity, 10 attempts: load ÷ offered load in the end",
      theirs: steadyState(1.1, 10),
      has: "derived",
      decimals: 3,
      sharpTo: 0.2,
      ours: () => bySeed(10, (seed) => steadyAmplification(1.1, 10, seed)),
    }),
    equals({
      quantity: "twice the capacity, 3 attempts: load ÷ offered load in the end",
      theirs: steadyState(2, 3),
      has: "derived",
      decimals: 3,
      sharpTo: 0.05,
      ours: () => bySeed(6, (seed) => steadyAmplification(2, 3, seed)),
    }),
    isWithin({
      quantity: "99 % rejected, 3 attempts a request: amplification",
      theirs: "“just below 3X”",
      has: "printed",
      from: 2.9,
      below: 3,
      decimals: 3,
      ours: () =>
        bySeed(4, (seed) =>
          amplificationOf(overwhelmed(0.99), immediate({ attemptsMax: 3 }), seed),
        ),
    }),
    isWithin({
      quantity: "the same, and retries below 10 % of a client's requests: amplification",
      theirs: "“just 1.1x”",
      has: "printed",
      from: 1.05,
      below: 1.15,
      decimals: 3,
      ours: () =>
        bySeed(4, (seed) =>
          amplificationOf(
            overwhelmed(0.99),
            clientBudget(immediate({ attemptsMax: 3 }), 0.1),
            seed,
          ),
        ),
    }),
    equals({
      quantity: "backend down, 4 attempts at one layer: amplification",
      theirs: 4,
      has: "printed",
      decimals: 3,
      sharpTo: 0.01,
      ours: () =>
        bySeed(2, (seed) => amplificationOf(overwhelmed(1), immediate({ attemptsMax: 4 }), seed)),
    }),
    equals({
      quantity: "the same at each of 3 layers: amplification",
      theirs: 64,
      has: "printed",
      decimals: 3,
      sharpTo: 0.01,
      ours: () => bySeed(2, (seed) => atTheLastOf(3, immediate({ attemptsMax: 4 }), seed)),
    }),
  ],
});
