import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { budgeted, fullJitter, hedged, registry, retryAfter } from "../../policies/index.ts";
import type { FaultSpec, Scenario } from "../../src/scenario.ts";
import { simulate } from "../../src/sim/simulation.ts";
import { RecordedTrace } from "../../src/trace.ts";
import { scenarios } from "../scenario-arbitrary.ts";
import { hedgingWhim } from "../sim/whim.ts";
import { difference, makeOptions } from "./lanes.ts";
import { resetting, usedUpByReset } from "./used-up-by-reset.ts";

/** Hedges, retries and waits for what the server asked, on a client's second call already. */
const hedgingHalf = retryAfter(
  budgeted(hedged(fullJitter(), { percentile: 0.5, samplesMin: 1, hedgesMax: 2 })),
);

const storms = () => fc.tuple(scenarios(), fc.integer({ min: 0, max: 2 ** 32 }));

function withLine(change: { codel?: undefined; dropsExpired?: false }) {
  return ({ server, ...rest }: Scenario): Scenario => {
    return { ...rest, server: { ...server, queue: { ...server.queue, ...change } } };
  };
}

function withoutLifo({ server, ...rest }: Scenario): Scenario {
  const { lifoAbove: _, ...queue } = { lifoAbove: 0, ...server.queue };
  const isAdaptive = queue.order === "adaptive-lifo";
  const inOrder = isAdaptive ? { ...queue, order: "fifo" as const } : server.queue;
  return { ...rest, server: { ...server, queue: inOrder } };
}

function withoutFetching(scenario: Scenario): Scenario {
  return { ...scenario, clients: { ...scenario.clients, flagsRefreshMs: undefined } };
}

function ofRequests(fault: FaultSpec): FaultSpec {
  return fault.kind === "partial" ? { ...fault, of: "requests" } : fault;
}

/** How attempts ended, in a word, that had others of their call in flight beside them. */
function endsBesideOthers(lines: readonly string[]): string[] {
  const inFlight = new Map<string, Set<string>>();
  return lines.flatMap((line) => {
    const [, call = "", attempt = "", end] =
      /(client .*) attempt (\d+)(?: sent$|: (answered|rejected|timeout|connection|fatal|abandoned))/.exec(
        line,
      ) ?? [];
    if (attempt === "") return [];
    const others = inFlight.get(call) ?? new Set();
    inFlight.set(call, others);
    if (end === undefined) others.add(attempt);
    else others.delete(attempt);
    // An abandoned one may be told of after the one that beat it.
    return end !== undefined && (others.size > 0 || end === "abandoned") ? [end] : [];
  });
}

describe("the simulator and the MSW lane leave the same trace", () => {
  test("of every policy, in 200 generated scenarios", async () => {
    await fc.assert(
      fc.asyncProperty(storms(), async ([scenario, seed]) => {
        for (const { make } of Object.values(registry)) {
          const simulated = make(makeOptions(scenario));
          expect(await difference(scenario, seed, { simulated })).toBeUndefined();
        }
      }),
      { numRuns: 200, seed: 1 },
    );
  }, 600_000);

  test.each([
    ["whim", hedgingWhim],
    ["of the slow half", hedgingHalf],
  ])("of calls with several attempts in flight, by %s", async (_name, simulated) => {
    await fc.assert(
      fc.asyncProperty(storms(), async ([scenario, seed]) => {
        expect(await difference(scenario, seed, { simulated })).toBeUndefined();
      }),
      { numRuns: 100, seed: 1 },
    );
  });

  test("where calls with several attempts in flight end in every way that there is", () => {
    const ends = new Map<string, number>();
    for (const [scenario, seed] of fc.sample(storms(), { numRuns: 100, seed: 1 })) {
      const trace = new RecordedTrace();
      const bound = { attemptsBound: 60 };
      const { hedges } = simulate({ scenario, seed, policy: hedgingWhim, trace, ...bound });
      ends.set("hedges", (ends.get("hedges") ?? 0) + hedges);
      for (const end of endsBesideOthers(trace.lines)) ends.set(end, (ends.get(end) ?? 0) + 1);
    }
    expect(ends.get("hedges")).toBeGreaterThan(200);
    for (const end of ["answered", "rejected", "timeout", "connection", "fatal", "abandoned"]) {
      expect(ends.get(end), end).toBeGreaterThan(4);
    }
  });

  test("of a session reset that uses up all its time", async () => {
    const scenario = usedUpByReset(1000);
    expect(await difference(scenario, 1, { simulated: resetting })).toBeUndefined();
  });

  test("where retries after a Retry-After are among what is compared", () => {
    const honoured = fc.sample(storms(), { numRuns: 200, seed: 1 }).flatMap(([scenario, seed]) => {
      const trace = new RecordedTrace();
      const policy = registry["retry-after"].make(makeOptions(scenario));
      simulate({ scenario, seed, policy, trace, attemptsBound: 60 });
      return trace.lines.filter((line, at) => {
        const hinted = / (client \d+ call \d+) attempt (\d+): rejected .* retry after/.exec(line);
        const next = ` ${hinted?.[1]} attempt ${Number(hinted?.[2]) + 1} sent`;
        return hinted && trace.lines.slice(at).some((later) => later.endsWith(next));
      });
    });
    expect(honoured.length).toBeGreaterThan(20);
  });

  test.each<[string, (scenario: Scenario) => Scenario]>([
    ["gates", ({ server, ...rest }) => ({ ...rest, server: { ...server, admission: undefined } })],
    [
      "rate caps",
      ({ server, ...rest }) => ({ ...rest, server: { ...server, rateCap: undefined } }),
    ],
    [
      "scalability",
      ({ server, ...rest }) => ({ ...rest, server: { ...server, scalability: undefined } }),
    ],
    ["controlled delay", withLine({ codel: undefined })],
    ["the dropping of what is expired", withLine({ dropsExpired: false })],
    ["adaptive LIFO", withoutLifo],
    [
      "losses",
      ({ faults, ...rest }) => ({ ...rest, faults: faults.filter(({ kind }) => kind !== "loss") }),
    ],
    ["flags that clients fetch", withoutFetching],
    ["failures by key", ({ faults, ...rest }) => ({ ...rest, faults: faults.map(ofRequests) })],
  ])("of which some would be another without %s", (_what, without) => {
    const policy = registry["full-jitter"];
    const linesOf = (scenario: Scenario, seed: number) => {
      const trace = new RecordedTrace();
      simulate({ scenario, seed, policy: policy.make(makeOptions(scenario)), trace });
      return trace.lines;
    };
    const differing = fc.sample(storms(), { numRuns: 200, seed: 1 }).filter(([scenario, seed]) => {
      return linesOf(scenario, seed).join() !== linesOf(without(scenario), seed).join();
    });

    expect(differing.length).toBeGreaterThan(4);
  });

  test("or are caught: a policy that waits 1 ms more in one of them", async () => {
    const options = (delayBaseMs: number) => ({
      ...{ attemptsMax: 3, delayMaxMs: 400, budgetRatio: 0.1, budgetTokensMax: 10 },
      ...{ delayBaseMs, deadlineMs: 500 },
    });
    const simulated = registry.fixed.make(options(20));
    const sent = registry.fixed.make(options(21));
    const caught = await fc.check(
      fc.asyncProperty(storms(), async ([scenario, seed]) => {
        const found = await difference(scenario, seed, { simulated, sent });
        if (found !== undefined) throw new Error(found);
      }),
      { numRuns: 200, seed: 1, endOnFailure: true },
    );
    expect(caught.failed).toBe(true);
    expect(String(caught.errorInstance)).toMatch(
      /simulator: .* waits 20 ms after attempt 1\nMSW lane: .* waits 21 ms after attempt 1$/,
    );
  });
});
