import { expect, test } from "vitest";
import { runMsw } from "../../src/msw/run.ts";
import { RecordedTrace } from "../../src/trace.ts";
import { fullJitter, laneScenario } from "./scenarios.ts";

/** By the real clock, which a run leaves to nobody else. */
const realNowNs = process.hrtime.bigint.bind(process.hrtime);

test("200 clients for 30 virtual seconds fit into a minute", async () => {
  const scenario = laneScenario({
    runMs: 30_000,
    clients: { count: 200, timeoutMs: 200 },
    load: { kind: "closed", thinkMs: 6_000 },
    server: {
      workers: [{ fromMs: 0, workers: 1 }],
      service: { distribution: "exponential", meanMs: 20 },
      queue: { places: 20, order: "fifo" },
      rejection: { status: 503, costMs: 0 },
    },
  });
  const trace = new RecordedTrace();
  const startNs = realNowNs();
  const { attempts, cut } = await runMsw({ scenario, policy: fullJitter(), seed: 1, trace });
  expect(cut).toBe(false);
  expect(attempts).toBeGreaterThan(1000);
  expect(Number(realNowNs() - startNs) / 1e9).toBeLessThan(60);
});
