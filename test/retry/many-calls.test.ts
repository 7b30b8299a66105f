import { expect, test, vi } from "vitest";
import { createRetry } from "../../src/index.ts";
import { turn } from "../virtual-clock.ts";
import { busy, listeners, policyOf, silent } from "./client.ts";

/** Of the process: what would keep it alive. */
function timers(): number {
  return process.getActiveResourcesInfo().filter((name) => name === "Timeout").length;
}

test("10,000 calls at once leave no timer, no listener and no unhandled rejection", async () => {
  const unhandled = vi.fn();
  const warned = vi.fn();
  process.on("unhandledRejection", unhandled);
  process.on("warning", warned);
  const timersBefore = timers();
  let subscriptions = 0;
  const flags = {
    current: () => ({
      boolean: (_name: string, fallback: boolean) => fallback,
      number: (_name: string, fallback: number) => fallback,
      changedAtMs: () => undefined,
    }),
    subscribe() {
      subscriptions++;
      return () => subscriptions--;
    },
  };
  const ends: string[] = [];
  let attempts = 0;
  // Half of the failures come back at once; half would wait for an hour, and hold a timer when the caller leaves.
  let failures = 0;
  const retry = createRetry({
    policy: policyOf(({ attempt }) => {
      if (attempt >= 3) return { do: "stop", why: "attempts" };
      return { do: "wait", delayMs: failures++ % 2 === 0 ? 0 : 3_600_000 };
    }),
    timeoutMs: 600_000,
    deadlineMs: 7_200_000,
    flags,
    observer: { callEnded: ({ why }) => ends.push(why) },
  });
  const kinds = [
    () => "fine",
    async () => {
      await turn();
      return "fine";
    },
    busy,
    async () => {
      await turn();
      return busy();
    },
    silent,
  ];
  // A signal looks through all its listeners for each new one, so 10,000 of them would take seconds.
  const controllers = Array.from({ length: 100 }, () => new AbortController());
  const listening = () => controllers.map(({ signal }) => listeners(signal));
  const calls = Array.from({ length: 10_000 }, (_, n) =>
    retry(
      () => {
        attempts++;
        return kinds[n % kinds.length]();
      },
      { signal: controllers[n % 100].signal },
    ),
  );
  const settled = Promise.allSettled(calls);
  for (let turns = 0; turns < 10; turns++) await turn();
  expect(timers()).toBeGreaterThan(timersBefore + 1000);
  expect(Math.max(...listening())).toBeGreaterThan(0);
  expect(subscriptions).toBe(1);
  for (const controller of controllers) controller.abort(new Error("the user left"));
  const outcomes = (await settled).map((end) =>
    end.status === "fulfilled" ? end.value : (end.reason.why ?? end.reason.message),
  );
  for (let turns = 0; turns < 5; turns++) await turn();
  process.off("unhandledRejection", unhandled);
  process.off("warning", warned);
  expect(new Set(outcomes)).toEqual(new Set(["fine", "attempts", "the user left"]));
  expect(ends).toHaveLength(10_000);
  expect(attempts).toBeLessThanOrEqual(30_000);
  expect(timers()).toBeLessThanOrEqual(timersBefore);
  expect(Math.max(...listening())).toBe(0);
  expect(subscriptions).toBe(0);
  expect(unhandled).not.toHaveBeenCalled();
  expect(warned).not.toHaveBeenCalled();
});
