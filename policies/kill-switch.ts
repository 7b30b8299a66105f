/**
 * Lets a team stop all retries of its clients from afar: while the flag `automatic-retries` is off, a
 * failure stops the call with "flag", and so does a wait that is running when the flag goes off, at once.
 * Nothing is hedged either. First attempts go out as before, so the load is the offered load again; an
 * outage that only retries keep alive then ends by itself.
 *
 * - The flag's fallback is on: without flags, this is the inner policy.
 * - When the flag goes on again, nothing comes back: what was stopped stays stopped, so nobody returns in
 *   a crowd.
 * - The inner policy still hears of every failure, for a breaker has to learn of them; it is not asked to
 *   send, so it spends nothing.
 *
 * ```ts
 * import { fullJitter, killSwitch } from "stormproof/policies";
 *
 * killSwitch(fullJitter()).name; // => "kill-switch(full-jitter)"
 * ```
 *
 * Waits in ms of `killSwitch(fullJitter({ attemptsMax: 11 }))`, seed 1, each attempt `timeout`:
 *
 * | attempt | 1 | 2 | 3 | 4 | 5 | 6 | 7 | 8 | 9 | 10 |
 * | --- | --- | --- | --- | --- | --- | --- | --- | --- | --- | --- |
 * | wait | 24 | 152 | 282 | 263 | 1021 | 347 | 3395 | 4397 | 9185 | 19954 |
 */
import type { Policy, Stop } from "../src/policy.ts";
import { wrap } from "./wrapping.ts";

/** Off: nothing is retried. */
export const RETRIES_FLAG = "automatic-retries";

export function killSwitch(inner: Policy): Policy {
  return wrap(inner, {
    name: "kill-switch",
    decide(state, event, random) {
      const isRetry = event.kind !== "start" && event.attempt > 0;
      const isOff = isRetry && !event.flags.boolean(RETRIES_FLAG, true);
      if (isOff && event.kind !== "failure") return OFF;
      const decision = inner.decide(state, event, random);
      return isOff && decision.do !== "stop" ? OFF : decision;
    },
  });
}

const OFF: Stop = Object.freeze({ do: "stop", why: "flag" });
