import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { registry } from "../../policies/index.ts";
import { simulate } from "../../src/sim/simulation.ts";
import { RecordedTrace } from "../../src/trace.ts";
import { scenarios } from "../scenario-arbitrary.ts";
import { difference, makeOptions } from "./lanes.ts";

const storms = () => fc.tuple(scenarios(), fc.integer({ min: 0, max: 2 ** 32 }));

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
