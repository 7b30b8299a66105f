/** How slowly a throttled client comes back: the table of the decision record 15. */
import { describe, expect, test } from "vitest";
import { adaptiveThrottling, none } from "../../policies/index.ts";
import { Client, REJECTED } from "./drive.ts";

const DOWN_FROM_MS = 60_000;
const UP_FROM_MS = 360_000;

/** How long after an outage of five minutes nine tenths of ten seconds' calls are answered again. */
function recoveryS(callsPerS: number, seed: number): number {
  const client = new Client(adaptiveThrottling(none()), { seed });
  let answered = 0;
  for (let n = 0; ; n++) {
    client.nowMs = (n * 1_000) / callsPerS;
    const call = client.begin();
    if (call.last.do === "send") {
      if (client.nowMs >= DOWN_FROM_MS && client.nowMs < UP_FROM_MS) call.fail(REJECTED);
      else {
        call.succeed();
        answered++;
      }
    }
    if ((n + 1) % (10 * callsPerS) > 0) continue;
    if (client.nowMs > UP_FROM_MS && answered >= 9 * callsPerS) {
      return (n + 1) / callsPerS - UP_FROM_MS / 1_000;
    }
    answered = 0;
  }
}

const SEEDS = [1, 2, 3, 4, 5];

describe("after an outage of five minutes a throttled client", () => {
  test.each([
    [1, 410],
    [10, 480],
    [50, 710],
    [100, 710],
    [1_000, 950],
  ])("of %i calls a second has nine tenths answered again after %i s", (callsPerS, medianS) => {
    const recoveriesS = SEEDS.map((seed) => recoveryS(callsPerS, seed));
    expect(recoveriesS.toSorted((a, b) => a - b)[2]).toBe(medianS);
  });
});
