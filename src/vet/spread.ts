/**
 * Law 4: clients that failed together do not come back together.
 *
 * Waits are grouped by the moment, attempt and kind of the failure they follow. Of each group, no
 * window of a twentieth of the longest wait (of what is above the hint, after a shared Retry-After)
 * holds more than 3/20, plus 4 standard deviations. Jitter alone prevents no herd: how many clients
 * come back at once against capacity is a measure, not a law.
 */
import { describeOutcome } from "../outcome.ts";
import { isFailure, type RequestEnd, SilentTrace } from "../trace.ts";
import { crowding } from "./crowding.ts";
import { broken, KEPT, type Law, undecided, type Verdict } from "./law.ts";

/** Below this, chance crowds as much as a defect. */
const GROUP_MIN = 100;

export const spread: Law = {
  number: 4,
  name: "spread",
  promise: "clients that fail together do not come back together",
  async judge(policy, { scenario, seed }, run) {
    const trace = new Waits();
    await run({ scenario, policy, seed, trace });
    return trace.verdict();
  },
};

interface Failed {
  atUs: number;
  attempt: number;
  how: string;
  hintMs: number;
}

class Waits extends SilentTrace {
  readonly #failed = new Map<string, Failed>();
  readonly #groups = new Map<string, { failed: Failed; afterMs: number[] }>();

  override requestEnded(
    atUs: number,
    client: number,
    call: number,
    attempt: number,
    part: number,
    end: RequestEnd,
  ): void {
    if (part > 0 || !isFailure(end)) return;
    const hintMs = end.kind === "rejected" ? (end.retryAfterMs ?? 0) : 0;
    this.#failed.set(`${client}/${call}`, { atUs, attempt, how: describeOutcome(end), hintMs });
  }

  override requestSent(atUs: number, client: number, call: number): void {
    const failed = this.#failed.get(`${client}/${call}`);
    if (failed === undefined) return;
    this.#failed.delete(`${client}/${call}`);
    const key = `${failed.atUs} ${failed.attempt} ${failed.how}`;
    const group = this.#groups.get(key) ?? { failed, afterMs: [] };
    group.afterMs.push((atUs - failed.atUs) / 1000);
    this.#groups.set(key, group);
  }

  verdict(): Verdict {
    let judged = 0;
    for (const { failed, afterMs } of this.#groups.values()) {
      if (afterMs.length < GROUP_MIN) continue;
      judged++;
      const longestMs = afterMs.reduce((a, b) => Math.max(a, b), 0);
      const spanMs = longestMs > failed.hintMs ? longestMs - failed.hintMs : longestMs;
      const crowd = crowding(afterMs, spanMs);
      if (crowd === undefined) continue;
      return broken(
        `${afterMs.length} clients failed together at ${failed.atUs / 1000} ms (attempt ${failed.attempt}, ` +
          `${failed.how}) and came back ${crowd}.`,
      );
    }
    if (judged > 0 || this.#groups.size === 0) return KEPT;
    return undecided(`no ${GROUP_MIN} clients failed together`);
  }
}
