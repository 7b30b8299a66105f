/**
 * Law 8: a decision depends on the state, the event and the draws, and on nothing else.
 *
 * Every decision of a run is made three times: as it comes, again on a copy of the state, and on a copy
 * that went through JSON; with the event frozen and the world's clock and chance out of reach.
 */
import { NO_FLAGS } from "../ask.ts";
import { withoutSystemClock } from "../clock.ts";
import type {
  Decision,
  Failure,
  Hedge,
  NumericState,
  Outcome,
  Policy,
  Random,
  Wake,
} from "../policy.ts";
import { withoutSystemRandom } from "../random.ts";
import { SilentTrace } from "../trace.ts";
import { broken, KEPT, type Law, type Verdict } from "./law.ts";

export const pure: Law = {
  number: 8,
  name: "pure",
  promise: "the same state, event and draws give the same decision",
  async judge(policy, { scenario, seed }, run) {
    const probe = new Probe(policy);
    try {
      await run({ scenario, policy: probe.policy, seed, trace: new SilentTrace() });
    } catch (error) {
      if (probe.verdict.kept === true) throw error;
    }
    return probe.verdict.kept === true ? interleavedAsSeparate(policy) : probe.verdict;
  },
};

class Probe {
  verdict: Verdict = KEPT;
  readonly policy: Policy;
  readonly #inner: Policy;

  constructor(inner: Policy) {
    this.#inner = inner;
    this.policy = {
      ...inner,
      decide: (state, event, random) => {
        const draws = remember(random);
        const before = JSON.stringify(state);
        return this.#watch(state, before, event, (target, facts) =>
          inner.decide(target, facts, draws.again()),
        );
      },
      observe: (state, event) => {
        const before = JSON.stringify(state);
        this.#watch(state, before, event, (target, facts) => {
          inner.observe?.(target, facts);
          return undefined;
        });
      },
    };
  }

  #watch<E extends object, D extends Decision | undefined>(
    state: NumericState,
    before: string,
    event: E,
    act: (state: NumericState, event: E) => D,
  ): D {
    const facts = Object.freeze({ ...event });
    let decision: D;
    try {
      decision = withoutWorld(() => act(state, facts));
    } catch (error) {
      this.#break(`it threw on ${JSON.stringify(event)}: ${(error as Error).message}`);
      throw error;
    }
    const said = JSON.stringify([decision, state]);
    const copy: NumericState = JSON.parse(before);
    const again = JSON.stringify([withoutWorld(() => act(copy, facts)), copy]);
    if (said !== again) {
      this.#break(`asked twice with state ${before}, it answered ${said} and then ${again}`);
    }
    for (const [key, value] of Object.entries(state)) {
      if (!Number.isFinite(value)) this.#break(`its state ${key} became ${value}`);
    }
    return decision;
  }

  #break(how: string): void {
    if (this.verdict.kept === true) {
      this.verdict = broken(`Policy ${this.#inner.name} is not pure: ${how}.`);
    }
  }
}

/** The same draws again and again, however many are asked for. */
function remember(random: Random): { again: () => Random } {
  const drawn: number[] = [];
  return {
    again() {
      let n = 0;
      return () => {
        if (n === drawn.length) drawn.push(random());
        return drawn[n++];
      };
    },
  };
}

/** Runs `act` while reading the clock or the global chance throws. */
function withoutWorld<T>(act: () => T): T {
  return withoutSystemRandom(() => withoutSystemClock(act));
}

const FAILED: readonly Outcome[] = [
  { kind: "rejected", status: 503 },
  { kind: "timeout" },
  { kind: "rejected", status: 429, retryAfterMs: 1_000 },
];

/** Two clients with a failing call each, asked in turn, decide as each does alone. */
function interleavedAsSeparate(policy: Policy): Verdict {
  try {
    return compareInterleaved(policy);
  } catch (error) {
    return broken(`Policy ${policy.name} is not pure: it threw, ${(error as Error).message}.`);
  }
}

function compareInterleaved(policy: Policy): Verdict {
  const alone = [script(policy, 1), script(policy, 2)].map((client) => [...client]);
  const both = [script(policy, 1), script(policy, 2)];
  for (let step = 0; step < alone[0].length; step++) {
    for (const [client, decisions] of both.entries()) {
      const together = decisions.next().value;
      if (together === alone[client][step]) continue;
      return broken(
        `Policy ${policy.name} is not pure: alone, client ${client + 1} was told ${alone[client][step]}; ` +
          `with another beside it, ${together}.`,
      );
    }
  }
  return KEPT;
}

/** One client's decisions, one at a time, in words. */
function* script(policy: Policy, client: number): Generator<string, undefined> {
  const state = { ...policy.initial };
  for (let attempt = 1; attempt <= 6; attempt++) {
    const outcome = FAILED[(attempt + client) % FAILED.length];
    const elapsedMs = attempt * 1_000 * client;
    const facts = { nowMs: elapsedMs, flags: NO_FLAGS, attempt, elapsedMs, outcome };
    const random = () => ((attempt * 7 + client * 3) % 10) / 10;
    const sent = { latencyMs: 100, delayBeforeMs: 100, hedges: 0 };
    const failure: Failure = { kind: "failure", ...sent, ...facts };
    const wake: Wake = { kind: "wake", waitedMs: 0, remainingMs: 0, ...facts };
    const hedge: Hedge = { kind: "hedge", waitedMs: 500, hedges: 0, ...facts };
    for (const event of policy.hedges ? [failure, wake, hedge] : [failure, wake]) {
      yield JSON.stringify(withoutWorld(() => policy.decide(state, event, random)));
    }
  }
}
