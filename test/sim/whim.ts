/** A policy for properties that hold whatever is decided. */
import type { Policy } from "../../src/policy.ts";

/** Decides by its draws, remembers by its state, and does everything that a policy may. */
export const whim: Policy = {
  name: "whim",
  initial: { asked: 0 },
  decide(state, event, random) {
    state.asked++;
    const draw = random();
    if (event.kind === "failure" && event.attempt > 6) return { do: "stop", why: "attempts" };
    if (event.kind === "wake" && event.flags.boolean("flag", false) && draw < 0.5)
      return { do: "stop", why: "flag" };
    if (draw < 0.3) return { do: "wait", delayMs: draw < 0.05 ? 0 : 40 * random() };
    if (draw < 0.5) return { do: "wait", delayMs: Math.round(20 * random()) };
    if (draw < 0.6) return { do: "send", resetSession: true };
    if (draw < 0.65) return { do: "stop", why: "refused" };
    if (draw < 0.7 && event.kind === "start") {
      return { do: "send", deadlineMs: event.nowMs + 50 * random() };
    }
    return { do: "send" };
  },
  observe(state) {
    state.asked += 1_000;
  },
};

/** The same, and beside what is in flight it may send a further attempt, or two. */
export const hedgingWhim: Policy = {
  ...whim,
  name: "hedging whim",
  hedges: true,
  decide(state, event, random) {
    const isHedge = event.kind === "hedge";
    if (isHedge && event.attempt > 6) return { do: "stop", why: "attempts" };
    const decision = whim.decide(state, event, random);
    if (decision.do !== "send") return decision;
    const sent = isHedge ? { do: "send" as const } : decision;
    return random() < 0.2 ? sent : { ...sent, hedgeAfterMs: 30 * random() };
  },
};
