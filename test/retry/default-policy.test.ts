import { spawnSync } from "node:child_process";
import { describe, expect, test } from "vitest";
import { createRetry, retry } from "../../src/index.ts";
import { VirtualClock } from "../virtual-clock.ts";
import { busy, watched } from "./client.ts";

describe("without a policy", () => {
  const client = (random: number) => {
    const clock = new VirtualClock();
    const waitsMs: number[] = [];
    const retry = createRetry({
      clock,
      random: () => () => random,
      onRetry: ({ delayMs }) => waitsMs.push(delayMs),
    });
    return { clock, retry, waitsMs };
  };

  test("three attempts, full jitter, no deadline", async () => {
    const { clock, retry, waitsMs } = client(0.5);
    const call = watched(retry(busy));
    await clock.advance(1000);
    expect(call.error).toMatchObject({ why: "attempts", attempts: 3 });
    expect(waitsMs).toEqual([50, 100]);
  });

  test("Retry-After is kept, and spread above", async () => {
    const { clock, retry, waitsMs } = client(0.5);
    const asked = Object.assign(new Error("busy"), { status: 429, retryAfterMs: 30_000 });
    watched(retry(() => Promise.reject(asked)));
    await clock.advance(0);
    expect(waitsMs[0]).toBeGreaterThanOrEqual(30_000);
  });

  test("the retries of a server that is down end with the budget", async () => {
    const { clock, retry } = client(0.5);
    let attempts = 0;
    const count = () => {
      attempts++;
      return busy();
    };
    for (let n = 0; n < 100; n++) watched(retry(count));
    await clock.advance(10_000);
    expect(attempts).toBeGreaterThan(100);
    expect(attempts).toBeLessThanOrEqual(110);
  });

  test("all calls of `retry` are one client's", async () => {
    const calls = await Promise.all(
      Array.from({ length: 3 }, () => retry(({ attempt }) => attempt)),
    );
    expect(calls).toEqual([1, 1, 1]);
  });
});

describe("unref", () => {
  const exitStatus = (options: string) => {
    const index = new URL("../../src/index.ts", import.meta.url);
    const script = `
      import { createRetry } from ${JSON.stringify(index.href)};
      const policy = { name: "slow", initial: {}, decide: ({}, { kind }) =>
        kind === "failure" ? { do: "wait", delayMs: 600_000 } : { do: "send" } };
      const busy = () => Promise.reject(Object.assign(new Error(), { status: 503 }));
      createRetry({ policy, ${options} })(busy).catch(() => {});
    `;
    const node = [process.execPath, ["--input-type=module", "--eval", script]] as const;
    return spawnSync(...node, { timeout: 10_000 }).status;
  };

  test("lets the process end in the middle of a wait", () => {
    expect(exitStatus("unref: true")).toBe(0);
  });
});
