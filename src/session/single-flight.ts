import { type Check, type Checks, checkOptions, objectWith } from "../check-options.ts";
import { type Clock, systemClock } from "../clock.ts";
import type { SessionReset } from "../retry/options.ts";

export interface SingleFlightOptions {
  /** Milliseconds ≥ 0. Default: 0, so that only those that overlap are one. */
  readonly intervalMs?: number | undefined;
  /** Default: `systemClock`. */
  readonly clock?: Clock | undefined;
}

interface Flight {
  readonly done: Promise<unknown>;
  readonly controller: AbortController;
  riders: number;
}

/**
 * One session reset at a time: whoever wants one while it runs has the same, and its end. Wrap the
 * callback once and hand it to all clients that share the session, such as those of `createFetch`, which
 * has a client for each origin, each with a policy state of its own.
 *
 * A policy keeps its `sessionResetIntervalMs` for each client. With `intervalMs` here too, there is at most
 * one reset an interval for all of them: until so long after one that worked began, nothing is done.
 *
 * It is told the `limitMs` of the first call, and its signal is aborted when all calls that want it have
 * left or run out of time; the next one then begins anew.
 *
 * @example
 * ```ts
 * import { createRetry } from "stormproof";
 * import { sessionReset, vetted } from "stormproof/policies";
 * import { singleFlight } from "stormproof/session";
 *
 * const session = { built: 0 };
 * const resetSession = singleFlight(async ({ signal }) => {
 *   session.built++;
 * });
 * const retry = createRetry({ policy: sessionReset(vetted({ delayBaseMs: 1 })), resetSession });
 * await retry(async ({ attempt }) => {
 *   if (attempt === 1) throw Object.assign(new Error("gone"), { status: 503 });
 * });
 * session.built; // => 1
 * ```
 */
export function singleFlight(reset: SessionReset, options: SingleFlightOptions = {}): SessionReset {
  checkOptions("options", options, CHECKS);
  const { intervalMs = 0, clock = systemClock } = options;
  let flight: Flight | undefined;
  let lastMs = -Infinity;

  function takeOff(limitMs: number): Flight {
    const controller = new AbortController();
    const { signal } = controller;
    const begunMs = clock.nowMs();
    const done = new Promise((resolve) => resolve(reset({ limitMs, signal }))).then((value) => {
      lastMs = begunMs;
      return value;
    });
    return { done, controller, riders: 0 };
  }

  return async ({ limitMs, signal }) => {
    if (flight === undefined && clock.nowMs() - lastMs < intervalMs) return;
    const mine = flight ?? takeOff(limitMs);
    flight = mine;
    mine.riders++;
    const leave = () => {
      if (--mine.riders > 0) return;
      if (flight === mine) flight = undefined;
      mine.controller.abort(signal.reason);
    };
    signal.addEventListener("abort", leave);
    try {
      return await mine.done;
    } finally {
      signal.removeEventListener("abort", leave);
      if (flight === mine) flight = undefined;
    }
  };
}

const NOT_NEGATIVE: Check = [
  "a number of milliseconds ≥ 0",
  (value) => typeof value === "number" && value >= 0,
];

const CHECKS: Checks<SingleFlightOptions> = {
  intervalMs: NOT_NEGATIVE,
  clock: objectWith("nowMs"),
};
