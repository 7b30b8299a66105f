/**
 * Law 7: a client's session resets are at least the interval then in force apart, none happens while
 * the flag is off, and clients made eligible together do not reset together.
 */
import { FlagPlan } from "../flags.ts";
import type { Scenario } from "../scenario.ts";
import { SilentTrace } from "../trace.ts";
import { crowding } from "./crowding.ts";
import { broken, KEPT, type Law, undecided, type Verdict } from "./law.ts";

/** The flags as named by the policies that reset sessions. */
const ON = "automatic-session-reset";
const INTERVAL = "sessionResetIntervalMs";
const INTERVAL_DEFAULT_MS = 3_600_000;
const GROUP_MIN = 100;

export const sessions: Law = {
  number: 7,
  name: "sessions",
  promise: "session resets keep to their flag and their interval, and come spread",
  async judge(policy, { scenario, seed }, run) {
    if (scenario.clients.flagsRefreshMs !== undefined) {
      return undecided("each client learns of flags at its own time");
    }
    const trace = new Resets(scenario);
    await run({ scenario, policy, seed, trace });
    return trace.verdict();
  },
};

class Resets extends SilentTrace {
  readonly #scenario: Scenario;
  readonly #lastUs = new Map<number, number>();
  readonly #flags: FlagPlan;
  /** Milliseconds from the flip to each client's first reset after it. */
  readonly #afterFlip = new Map<number, Map<number, number>>();
  #verdict: Verdict = KEPT;

  constructor(scenario: Scenario) {
    super();
    this.#scenario = scenario;
    this.#flags = new FlagPlan(scenario.flags);
  }

  override requestSent(
    atUs: number,
    client: number,
    _call: number,
    _attempt: number,
    part: number,
  ): void {
    if (part !== 1 || this.#verdict.kept !== true) return;
    const atMs = atUs / 1000;
    this.#flags.advance(atMs);
    if (!this.#flags.boolean(ON, true)) {
      this.#verdict = broken(
        `Client ${client} reset its session at ${atMs} ms, with the flag off.`,
      );
    }
    const intervalMs = this.#flags.number(INTERVAL, INTERVAL_DEFAULT_MS);
    const lastUs = this.#lastUs.get(client);
    if (lastUs !== undefined && atUs - lastUs < intervalMs * 1000) {
      this.#verdict = broken(
        `Client ${client} reset its session at ${lastUs / 1000} ms and again at ${atMs} ms; ` +
          `the interval was ${intervalMs} ms.`,
      );
    }
    this.#lastUs.set(client, atUs);
    const flipMs = this.#flags.changedAtMs(ON);
    if (flipMs === undefined) return;
    const group = this.#afterFlip.get(flipMs) ?? new Map<number, number>();
    this.#afterFlip.set(flipMs, group);
    if (!group.has(client)) group.set(client, atMs - flipMs);
  }

  verdict(): Verdict {
    if (this.#verdict.kept !== true) return this.#verdict;
    for (const [flipMs, afterMs] of this.#afterFlip) {
      if (afterMs.size < GROUP_MIN) continue;
      const moments = [...afterMs.values()];
      const longestMs = moments.reduce((a, b) => Math.max(a, b), 0);
      const crowd = crowding(moments, longestMs);
      if (crowd === undefined) continue;
      return broken(
        `The flag went on at ${flipMs} ms for ${this.#scenario.clients.count} clients, which reset ${crowd}.`,
      );
    }
    return KEPT;
  }
}
