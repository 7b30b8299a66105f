/** Where the AWS SDKs' retry quota of 2026 begins to drain. */
import { RunMeter } from "../../src/measure/run-figures.ts";
import { simulate } from "../../src/sim/simulation.ts";
import { type CallEnd, SilentTrace } from "../../src/trace.ts";
import { awsQuota } from "./aws-quota.ts";
import { publish } from "./publish.ts";
import { equals, holds, isWithin, once, type Seen } from "./result.ts";
import { bySeed, failing, perSecond, server, setting } from "./runs.ts";

const SEEDS = 8;

function world(share: number, callsPerSecond: number, seconds: number, status: number) {
  return setting({
    runMs: seconds * 1_000,
    clients: { count: 1, timeoutMs: 1_000 },
    load: perSecond(callsPerSecond),
    server: server(100, 1, 0),
    faults: failing(share, status),
  });
}

interface Kind {
  readonly cost: number;
  readonly delayBaseMs: number;
  readonly status: number;
}
const TRANSIENT: Kind = { cost: 14, delayBaseMs: 50, status: 500 };
const THROTTLING: Kind = { cost: 5, delayBaseMs: 1_000, status: 429 };

/** Tokens that a call brings, or takes, on average, in a quota with no bottom and no brim. */
function drift({ cost, delayBaseMs, status }: Kind, share: number, seed: number): number {
  const scenario = world(share, 1_000, 60, status);
  const tokens = 1e9;
  const policy = awsQuota({ cost, delayBaseMs, tokensInitial: tokens, tokensMax: 2 * tokens });
  const meter = new RunMeter(scenario);
  const stateAtMs = scenario.runMs + scenario.patienceMs;
  const { meanState } = simulate({ scenario, policy, seed, trace: meter, stateAtMs });
  return ((meanState?.tokens ?? Number.NaN) - tokens) / meter.figures().total.calls;
}

/** The share of failures without drift, between two shares half a point either side of where it should be. */
function drainPoint(kind: Kind): readonly number[] {
  const [low, high] = [closedForm(kind.cost) - 0.005, closedForm(kind.cost) + 0.005];
  return bySeed(SEEDS, (seed) => {
    const [rises, falls] = [drift(kind, low, seed), drift(kind, high, seed)];
    return low + ((high - low) * rises) / (rises - falls);
  });
}

/** The p that solves 1 − p = cost · p² · (1 + p), by halving. */
function closedForm(cost: number): number {
  let [low, high] = [0, 1];
  while (high - low > 1e-12) {
    const p = (low + high) / 2;
    if (1 - p > cost * p ** 2 * (1 + p)) low = p;
    else high = p;
  }
  return low;
}

/**
 * Retries that the quota of 500 refuses, three points below the drain point and three above. At 50 calls a
 * second: at 1,000 the retries that wait hold more than 500 tokens between them, and nothing has drained.
 */
function refusals({ cost, delayBaseMs, status }: Kind): Seen {
  const refused = (points: number) => {
    const counter = new Refusals();
    const scenario = world(closedForm(cost) + points / 100, 50, 600, status);
    simulate({ scenario, policy: awsQuota({ cost, delayBaseMs }), seed: 1, trace: counter });
    return counter.count;
  };
  const [below, above] = [refused(-3), refused(3)];
  return { holds: below === 0 && above > 100, saw: `${below} refused below, ${above} above` };
}

class Refusals extends SilentTrace {
  count = 0;

  override callEnded(
    _atUs: number,
    _client: number,
    _call: number,
    _attempts: number,
    _startedUs: number,
    end: CallEnd,
  ): void {
    if (end === "budget") this.count++;
  }
}

const transient = once(() => drainPoint(TRANSIENT));
const throttling = once(() => drainPoint(THROTTLING));

publish({
  page: "aws-quota",
  title: "AWS SDKs and Tools Reference Guide: Retry behavior (2026)",
  address: "https://docs.aws.amazon.com/sdkref/latest/guide/feature-retry-behavior.html",
  notes: [
    "One client, every attempt failing by its own chance. The quota is a policy of the tests (`test/published/aws-quota.ts`).",
    "The derived figure solves 1 − p = cost · p² · (1 + p): tokens that calls bring, against tokens that they take. Ours is where the tokens of a quota without bottom or brim neither rise nor fall, interpolated between half a point below and half a point above.",
  ],
  results: [
    isWithin({
      quantity: "share of transient failures at which the quota begins to drain",
      theirs: "~22 %",
      has: "printed",
      from: 0.21,
      below: 0.23,
      decimals: 4,
      ours: transient,
    }),
    equals({
      quantity: "the same, at 14 tokens a retry",
      theirs: closedForm(14),
      has: "derived",
      decimals: 4,
      sharpTo: 0.004,
      ours: transient,
    }),
    isWithin({
      quantity: "share of throttled attempts at which the quota begins to drain",
      theirs: "~32 %",
      has: "printed",
      from: 0.31,
      below: 0.33,
      decimals: 4,
      ours: throttling,
    }),
    equals({
      quantity: "the same, at 5 tokens a retry",
      theirs: closedForm(5),
      has: "derived",
      decimals: 4,
      sharpTo: 0.004,
      ours: throttling,
    }),
    holds(
      "retries that a quota of 500 refuses three points from the drain point, transient",
      "none below, more and more above (derived)",
      () => refusals(TRANSIENT),
    ),
    holds("the same, throttling", "none below, more and more above (derived)", () =>
      refusals(THROTTLING),
    ),
  ],
});
