/** Policies that break the laws which no policy of the registry breaks. */
import { fullJitter, hedged, sessionReset } from "../../policies/index.ts";
import type { Policy } from "../../src/policy.ts";

const retrying: Policy = {
  name: "retrying",
  initial: {},
  decide: (_state, event) =>
    event.kind === "failure" ? { do: "wait", delayMs: 200 } : { do: "send" },
};

function resetting(
  name: string,
  isDue: (state: { lastMs: number }, nowMs: number) => boolean,
): Policy {
  return {
    name,
    initial: { lastMs: -1e15 },
    decide(state, event) {
      if (event.kind === "failure") return { do: "wait", delayMs: 50 };
      if (event.kind === "start" || event.attempt === 0) return { do: "send" };
      const memory = state as { lastMs: number };
      if (!isDue(memory, event.nowMs)) return { do: "send" };
      memory.lastMs = event.nowMs;
      return { do: "send", resetSession: true };
    },
  };
}

/** Law 7: resets at every retry. */
export const resetsAlways = resetting("resets-always", () => true);
/** Law 7: knows the interval and not the flag. */
export const resetsWithFlagOff = resetting(
  "resets-with-flag-off",
  (state, nowMs) => nowMs - state.lastMs >= 3_600_000,
);
/** Law 7: keeps flag and interval, but everybody resets as soon as the flag goes on. */
export const resetsTogether: Policy = {
  ...sessionReset(retrying, { sessionResetSpreadMs: 0 }),
  name: "resets-together",
};
/** Keeps law 7 where `resetsTogether` breaks it. */
export const resetsSpread: Policy = {
  ...sessionReset(retrying, { sessionResetSpreadMs: 3_000 }),
  name: "resets-spread",
};

/** Law 1: sends a second attempt beside every first. */
export const hedgesAlways: Policy = {
  name: "hedges-always",
  initial: {},
  hedges: true,
  decide(_state, { kind }) {
    if (kind === "failure") return { do: "stop", why: "attempts" };
    return kind === "start" ? { do: "send", hedgeAfterMs: 5 } : { do: "send" };
  },
};
/** Soon knows what is slow, and calls half of it so. */
export const hedgesOften = hedged(fullJitter(), { percentile: 0.5, samplesMin: 1 });

function waiting(name: string, delayMs: (attempt: number) => number): Policy {
  return {
    name,
    initial: {},
    decide: (_state, event) =>
      event.kind === "failure" ? { do: "wait", delayMs: delayMs(event.attempt) } : { do: "send" },
  };
}

let asked = 0;

/** Law 8, each in its own way. */
export const impure: readonly Policy[] = [
  waiting("draws-its-own-chance", () => 100 * Math.random()),
  waiting("reads-the-date", () => 100 + (Date.now() % 2)),
  waiting("constructs-a-date", () => 100 + (new Date().getMilliseconds() % 2)),
  waiting("reads-the-clock", () => 100 + (performance.now() % 2)),
  waiting("remembers-outside-its-state", () => 100 + (asked++ % 2)),
  {
    name: "changes-the-event",
    initial: {},
    decide(_state, event) {
      if (event.kind !== "failure") return { do: "send" };
      (event as { attempt: number }).attempt = 1;
      return { do: "wait", delayMs: 100 };
    },
  },
  {
    name: "keeps-infinity",
    initial: { lastMs: 0 },
    decide(state, event) {
      if (event.kind !== "failure") return { do: "send" };
      state.lastMs = -Infinity;
      return { do: "wait", delayMs: 100 };
    },
  },
];

/** Law 5: a doubling without a cap, which passes the largest number after 1,024 attempts. */
export const overflows = waiting("overflows", (attempt) => 100 * 2 ** attempt);
