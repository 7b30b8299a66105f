/** What happens to waiting calls when the laptop they run on sleeps. */
import { expect, test } from "vitest";
import { fullJitter } from "../../policies/index.ts";
import { KeyedRandom } from "../../src/random.ts";
import { busy, clientOf, watched } from "./client.ts";

test("a thousand calls that wait through an hour of sleep do not come back at once", async () => {
  const keyed = new KeyedRandom(1, "policy");
  const { retry, clock } = clientOf({
    policy: fullJitter({ attemptsMax: 2, delayBaseMs: 10_000 }),
    random: (...key) => keyed.key(...key).next,
  });
  const sentMs: number[] = [];
  const call = () =>
    retry(({ attempt }) => {
      if (attempt > 1) sentMs.push(clock.nowMs());
      return busy();
    });
  for (let n = 0; n < 1000; n++) watched(call());
  await clock.advance(0);
  clock.jump(3_600_000);
  const wokenMs = clock.nowMs();
  await clock.advance(10_000);
  const after = (ms: number) => sentMs.filter((atMs) => atMs <= wokenMs + ms).length;
  expect(sentMs).toHaveLength(1000);
  // A wait is uniform below 10 s and drawn anew below itself: some come soon, but no crowd in step.
  expect(after(0)).toBe(0);
  expect(after(100)).toBeLessThan(120);
  expect(after(10_000)).toBe(1000);
});
