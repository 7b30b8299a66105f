/** The surge of 40 million in small: a hundred and sixtieth of the clients, the workers and the places. */
import { describe, expect, test } from "vitest";
import { registry } from "../../policies/index.ts";
import { recovery } from "../../src/measure/recovery.ts";
import { RunMeter } from "../../src/measure/run-figures.ts";
import { signupSurge, signupSurge40m } from "../../src/scenarios/signup-surge.ts";
import { simulate } from "../../src/sim/simulation.ts";

const small = signupSurge(250_000);

function recoveryOf(policy: "none" | "full-jitter") {
  const meter = new RunMeter(small);
  const made = registry[policy].make({ ...small.retry, attemptsMax: 3, deadlineMs: Infinity });
  simulate({ scenario: small, policy: made, seed: 1, trace: meter });
  return recovery(small, meter.figures(), 1);
}

describe("the sign-up surge", () => {
  test("is one to one at 40 million, and the same storm in small", () => {
    expect(signupSurge40m).toMatchObject({
      name: "signup-surge-40m",
      clients: { count: 40_000_000, timeoutMs: 5_000 },
      load: { joining: { clients: 20_000_000 } },
      server: {
        workers: [{ workers: 480 }, { fromMs: 900_000, workers: 800 }],
        queue: { places: 400_000 },
      },
    });
    expect(small.server.workers).toEqual([
      { fromMs: 0, workers: 3 },
      { fromMs: 900_000, workers: 5 },
    ]);
    expect(small.server.queue.places).toBe(2_500);
  });

  test("ends with the new servers when nobody retries, and never when everybody does", () => {
    expect(recoveryOf("none")).toBeLessThan(60_000);
    expect(recoveryOf("full-jitter")).toBe("never");
  });
});
