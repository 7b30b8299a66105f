/** The idealised retry example of the paper that named metastable failures. */
import { immediate } from "../../policies/index.ts";
import type { Policy } from "../../src/policy.ts";
import type { Scenario } from "../../src/scenario.ts";
import { simulate } from "../../src/sim/simulation.ts";
import { publish } from "./publish.ts";
import { equals, holds, isWithin, notReproduced, type Seen, shown } from "./result.ts";
import { bySeed, metered, perSecond, server, setting } from "./runs.ts";
import { SecondCounts } from "./second-counts.ts";

const CAPACITY = 300;
const SEEDS = 4;
const OUTAGE_FROM_S = 10;

/** One retry, at once, if no answer came within the timeout of 1 s. */
const oneRetry = immediate({ attemptsMax: 2 });

interface Story {
  /** How long nothing gets through; what was sent meanwhile then arrives at once. */
  readonly outageS: number;
  readonly runS: number;
  readonly load: Scenario["load"];
}

function world({ outageS, runS, load }: Story): Scenario {
  const workers = 27;
  const database = server(workers, (workers * 1_000) / CAPACITY, 3 * CAPACITY);
  const plan = [
    { fromMs: 0, workers },
    { fromMs: OUTAGE_FROM_S * 1_000, workers: 0 },
    { fromMs: (OUTAGE_FROM_S + outageS) * 1_000, workers },
  ];
  return setting({
    runMs: runS * 1_000,
    warmUpMs: (runS - 10) * 1_000,
    patienceMs: 2_000,
    clients: { count: 1, timeoutMs: 1_000 },
    load,
    server: { ...database, workers: outageS === 0 ? [plan[0]] : plan },
  });
}

/** Of the last 10 s. */
function lastShare(story: Story, policy: Policy = oneRetry, seed = 1): number {
  const { total } = metered(world(story), policy, seed);
  return total.answered / total.calls;
}

function steps(first: number, fromS: number, later: number): Scenario["load"] {
  return {
    kind: "open",
    arrivals: [
      { fromMs: 0, perSecond: first },
      { fromMs: fromS * 1_000, perSecond: later },
    ],
  };
}

/** At one value every seed recovers, at the other none does. */
function separates(
  [fine, fatal]: readonly [number, number],
  unit: string,
  share: (value: number, seed: number) => number,
  recovers = "recovers",
): Seen {
  const shares = [fine, fatal].map((value) => bySeed(SEEDS, (seed) => share(value, seed)));
  const isFine = shares[0].every((value) => value > 0.99);
  const isFatal = shares[1].every((value) => value < 0.01);
  const verb = (is: boolean, yes: string) => (is ? yes : "is mixed");
  return {
    holds: isFine && isFatal,
    saw: `${fine}${unit} ${verb(isFine, recovers)}, ${fatal}${unit} ${verb(isFatal, "never")}`,
  };
}

/** One retry a call, and so many a second of all calls together. */
function limited(retriesPerSecond: number): Policy {
  return {
    name: "limited",
    initial: { tokens: 1, filledMs: 0 },
    decide(state, event, random) {
      const decision = oneRetry.decide({}, event, random);
      if (event.kind !== "failure" || decision.do === "stop") return decision;
      const filled = ((event.nowMs - state.filledMs) / 1_000) * retriesPerSecond;
      state.tokens = Math.min(1, state.tokens + filled);
      state.filledMs = event.nowMs;
      if (state.tokens < 1) return { do: "stop", why: "budget" };
      state.tokens--;
      return decision;
    },
  };
}

/** The longest outage, to a tenth of a second, that such a load survives. */
function survivedS(rate: number): number {
  for (let tenths = 1; tenths <= 100; tenths++) {
    const story = { outageS: tenths / 10, runS: 60, load: perSecond(rate) };
    if (lastShare(story) < 0.5) return (tenths - 1) / 10;
  }
  return 10;
}

const STORM: Story = { outageS: 10, runS: 90, load: perSecond(280) };

function stormLoad(seed: number): number {
  const counts = new SecondCounts(STORM.runS + 2);
  simulate({ scenario: world(STORM), policy: oneRetry, seed, trace: counts });
  return counts.load(40, STORM.runS);
}

publish({
  page: "bronson",
  title:
    "Bronson, Aghayev, Charapko, Zhu, “Metastable Failures in Distributed Systems”, HotOS (2021)",
  address: "https://sigops.org/s/conferences/hotos/2021/papers/hotos21-s11-bronson.pdf",
  notes: [
    "A thought experiment without measurements, read through two independent sets of notes; it says of the database only that it answers within 100 ms below 300 queries a second and takes ten times as long above. Ours is 27 workers of 90 ms and a queue of 900 places, 3 s of work: above 300 a second the queue makes the answers late. The places are ours; they set how long a recovery takes, not whether there is one.",
    "The outage is the network's; what was lost is sent again when it ends. Ours keeps all that is sent waiting, and lets it go at once.",
    "Thresholds are shown from both sides, near enough to tell and far enough to tell in minutes.",
  ],
  results: [
    holds("280/s, no outage", "works (reported)", () => {
      const share = lastShare({ outageS: 0, runS: 60, load: perSecond(280) });
      return { holds: share > 0.99, saw: `answered ${shown(share * 100, 1)} %` };
    }),
    holds("no outage: works up to a load of", "300/s (reported)", () =>
      separates(
        [290, 310],
        "/s",
        (rate, seed) => lastShare({ outageS: 0, runS: 150, load: perSecond(rate) }, oneRetry, seed),
        "works",
      ),
    ),
    equals({
      quantity: "280/s, outage of 10 s: queries a second, from 20 s to 70 s after it",
      theirs: 560,
      has: "reported",
      decimals: 1,
      sharpTo: 25,
      ours: () => bySeed(6, stormLoad),
    }),
    isWithin({
      quantity: "the same: answered share",
      theirs: "goodput 0",
      has: "reported",
      from: 0,
      below: 0.001,
      decimals: 3,
      ours: () => bySeed(SEEDS, (seed) => lastShare(STORM, oneRetry, seed)),
    }),
    holds("outage of 10 s: stable up to a load of", "150/s (reported)", () =>
      separates([140, 160], "/s", (rate, seed) =>
        lastShare({ outageS: 10, runS: 150, load: perSecond(rate) }, oneRetry, seed),
      ),
    ),
    holds("stuck at 280/s: recovers when the load falls below", "150/s (reported)", () =>
      separates([140, 160], "/s", (rate, seed) =>
        lastShare({ outageS: 10, runS: 150, load: steps(280, 40, rate) }, oneRetry, seed),
      ),
    ),
    holds("280/s, outage of 10 s: recovers when retries are limited to", "20/s (reported)", () =>
      separates([15, 25], "/s", (rate, seed) =>
        lastShare({ outageS: 10, runS: 300, load: perSecond(280) }, limited(rate), seed),
      ),
    ),
    notReproduced(
      holds(
        "longest outage survived, by load",
        "far longer at 151/s than at 299/s (reported)",
        () => {
          const [low, high] = [survivedS(160), survivedS(290)];
          return { holds: low > 3 * high, saw: `${low} s at 160/s, ${high} s at 290/s` };
        },
      ),
      "longer, but not far longer. In a FIFO queue an outage hardly longer than the timeout makes all that waits late, at any load above 150/s; the source's database is not said to be one",
    ),
  ],
});
