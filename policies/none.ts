/**
 * Never retries: the control that every other policy is compared with. Alone it keeps no call alive
 * through a blip, and alone it can never prolong an outage: one attempt a call is load = offered load
 * (Huang et al., "Metastable Failures in the Wild", OSDI 2022, theorem 2,
 * https://www.usenix.org/system/files/osdi22-huang-lexiang.pdf).
 *
 * ```ts
 * import { none } from "stormproof/policies";
 *
 * none().claim; // => { burstPerClient: 0, ratio: 0, perSecond: 0 }
 * ```
 *
 * Waits in ms of `none()`, seed 1, each attempt `timeout`:
 *
 * | attempt | 1 | 2 | 3 | 4 | 5 | 6 | 7 | 8 | 9 | 10 |
 * | --- | --- | --- | --- | --- | --- | --- | --- | --- | --- | --- |
 * | wait | attempts | | | | | | | | | |
 */
import type { Policy } from "../src/policy.ts";
import { backoff } from "./backoff.ts";

export function none(): Policy {
  const claim = { burstPerClient: 0, ratio: 0, perSecond: 0 };
  return { ...backoff({ name: "none", attemptsMax: 1, delayMs: () => 0 }), claim };
}
