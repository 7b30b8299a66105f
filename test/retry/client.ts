/** What the tests of this room start from: a client in virtual time, inline policies, a script of attempts. */
import { getEventListeners } from "node:events";
import { createRetry, type RetryOptions } from "../../src/index.ts";
import type { Decision, Failure, Policy, Question, Wake } from "../../src/policy.ts";
import type { RetryObserver } from "../../src/retry/observer.ts";
import { VirtualClock } from "../virtual-clock.ts";

/** Sends at once, and after each failure as `onFailure` says. */
export function policyOf(
  onFailure: (event: Failure) => Decision,
  onWake: (event: Wake) => Decision = () => ({ do: "send" }),
): Policy {
  return {
    name: "inline",
    initial: {},
    decide(_state, event) {
      if (event.kind === "failure") return onFailure(event);
      return event.kind === "wake" ? onWake(event) : { do: "send" };
    },
  };
}

/** Waits 100 ms before each retry. */
export function waiting(attemptsMax: number): Policy {
  return policyOf(({ attempt }) =>
    attempt < attemptsMax ? { do: "wait", delayMs: 100 } : { do: "stop", why: "attempts" },
  );
}

/** The policy, and a line for all it is asked and told. */
export function overheard(policy: Policy): { policy: Policy; heard: string[] } {
  const heard: string[] = [];
  const note = (event: { kind: string; nowMs: number }, detail: unknown) =>
    heard.push(`${event.nowMs} ${event.kind} ${detail}`.trim());
  return {
    heard,
    policy: {
      ...policy,
      decide(state, event, random) {
        note(event, detailOf(event));
        return policy.decide(state, event, random);
      },
      observe(state, event) {
        note(event, event.kind === "abandon" ? event.during : event.attempt);
        policy.observe?.(state, event);
      },
    },
  };
}

function detailOf(event: Question): string {
  if (event.kind === "start") return "";
  if (event.kind === "failure") return `${event.attempt} ${event.outcome.kind}`;
  return event.kind === "wake" && event.remainingMs > 0
    ? `${event.attempt} early`
    : `${event.attempt}`;
}

/** A line for each event. */
export function diary(clock: VirtualClock): { observer: RetryObserver; lines: string[] } {
  const lines: string[] = [];
  const line = (name: string) => (event: object) => {
    const facts = Object.entries(event)
      .filter(([key]) => !["client", "call", "state", "stopped"].includes(key))
      .filter(([, value]) => value !== false)
      .map(([key, value]) =>
        value === true ? key : value instanceof Error ? value.message : (value.kind ?? value),
      );
    lines.push([clock.nowMs(), name, ...facts].join(" "));
  };
  return {
    lines,
    observer: {
      callStarted: line("callStarted"),
      waitStarted: line("waitStarted"),
      sessionResetStarted: line("sessionResetStarted"),
      sessionResetEnded: line("sessionResetEnded"),
      attemptStarted: line("attemptStarted"),
      attemptEnded: line("attemptEnded"),
      callEnded: line("callEnded"),
    },
  };
}

export function clientOf({
  clock = new VirtualClock(1000),
  ...options
}: RetryOptions & { readonly clock?: VirtualClock }) {
  return { clock, retry: createRetry({ clock, ...options }) };
}

/** An attempt that the server rejects. */
export function busy(): never {
  throw Object.assign(new Error("busy"), { status: 503 });
}

/** An attempt that is never answered, deaf to its signal. */
export function silent(): Promise<never> {
  return new Promise(() => {});
}

/** How the promise stands, for promises that may never settle. */
export function watched<T>(promise: Promise<T>) {
  const seen: { value?: T; error?: unknown; state: "pending" | "resolved" | "rejected" } = {
    state: "pending",
  };
  promise.then(
    (value) => Object.assign(seen, { state: "resolved", value }),
    (error: unknown) => Object.assign(seen, { state: "rejected", error }),
  );
  return seen;
}

export function listeners(signal: AbortSignal): number {
  return getEventListeners(signal, "abort").length;
}
