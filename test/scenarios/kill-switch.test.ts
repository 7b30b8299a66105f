/** What the kill switch is worth in an outage that only retries keep alive. */
import { describe, expect, test } from "vitest";
import { fullJitter, killSwitch, RETRIES_FLAG } from "../../policies/index.ts";
import type { FlagChange } from "../../src/flags.ts";
import { recovery } from "../../src/measure/recovery.ts";
import { RunMeter } from "../../src/measure/run-figures.ts";
import { scenarios } from "../../src/scenarios/index.ts";
import { simulate } from "../../src/sim/simulation.ts";

const [slowdown] = scenarios.filter(({ name }) => name === "slowdown");
const OFF: FlagChange = { atMs: 30_000, name: RETRIES_FLAG, value: false };
const ON: FlagChange = { atMs: 90_000, name: RETRIES_FLAG, value: true };

/** Milliseconds after the trigger, which ends at 20 s; the run, at 120 s. */
function recoveryWith(flags: FlagChange[], flagsRefreshMs?: number) {
  const clients = { ...slowdown.clients, flagsRefreshMs };
  const scenario = { ...slowdown, runMs: 120_000, flags, clients };
  const meter = new RunMeter(scenario);
  simulate({ scenario, policy: killSwitch(fullJitter()), seed: 1, trace: meter });
  return recovery(scenario, meter.figures(), 1);
}

describe("in a slowdown that full jitter turns into an outage without end", () => {
  test("nothing ends it while retries go on", () => {
    expect(recoveryWith([])).toBe("never");
  });

  test("the kill switch ends it, as soon as the queue is worked off", () => {
    // 10,000 places at 300/s of spare capacity are 33 s from 30 s on.
    // docs/flags.md tells the figure.
    expect(Number(recoveryWith([OFF])) / 1000).toBeCloseTo(38.8, 1);
  });

  test("and it does not come back with the retries", () => {
    expect(recoveryWith([OFF, ON])).toBe(recoveryWith([OFF]));
  });

  test("but it never gets through to clients that fetch it from the same server", () => {
    expect(recoveryWith([OFF], 5_000)).toBe("never");
  });
});
