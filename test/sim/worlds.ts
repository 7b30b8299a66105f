/** Small worlds to specify the simulator in: ticks of 1 ms, 1 ms of network, one worker, 10 ms of work. */
import type { Decision, Failure, Policy, Start, Wake } from "../../src/policy.ts";
import { defineScenario, type Scenario, type ScenarioInput } from "../../src/scenario.ts";
import { type SimulationOptions, simulate } from "../../src/sim/simulation.ts";
import { RecordedTrace } from "../../src/trace.ts";

export const SERVER: Scenario["server"] = {
  workers: [{ fromMs: 0, workers: 1 }],
  service: { distribution: "deterministic", meanMs: 10 },
  queue: { places: 0, order: "fifo" },
  rejection: { status: 503, costMs: 0 },
};

type World = Partial<Omit<ScenarioInput, "server">> & { server?: Partial<Scenario["server"]> };

/** By default a herd: `clients.count` calls, all at moment 0. */
export function world({ server, ...input }: World = {}): Scenario {
  return defineScenario({
    name: "world",
    shows: "One thing at a time.",
    runMs: 1_000,
    patienceMs: 1_000,
    tickUs: 1000,
    networkMs: 1,
    load: { kind: "herd", fromMs: 0, overMs: 0 },
    clients: { count: 1, timeoutMs: 100 },
    server: { ...SERVER, ...server },
    ...input,
  });
}

export type RunEnd = ReturnType<typeof simulate>;

export function record(
  scenario: Scenario,
  policy: Policy = never,
  options: Partial<SimulationOptions> = {},
): { lines: string[]; end: RunEnd } {
  const trace = new RecordedTrace();
  const end = simulate({ scenario, policy, seed: 1, trace, ...options });
  return { lines: trace.lines, end };
}

/** The lines of one moment. */
export function at(lines: readonly string[], ms: number): string[] {
  const prefix = `${ms} ms `;
  return lines.filter((line) => line.startsWith(prefix)).map((line) => line.slice(prefix.length));
}

export const never = stateless(() => ({ do: "stop", why: "attempts" }));

/** Retries at once until so many attempts were made. */
export const retrying = (attemptsMax: number, delayMs = 0) =>
  stateless(({ attempt }) =>
    attempt < attemptsMax ? { do: "wait", delayMs } : { do: "stop", why: "attempts" },
  );

/** Sends first attempts and after every wait; answers failures as given. */
export function stateless(afterFailure: (event: Failure) => Decision): Policy {
  const decide = (_state: object, event: Start | Failure | Wake): Decision =>
    event.kind === "failure" ? afterFailure(event) : { do: "send" };
  return { name: "stateless", initial: {}, decide };
}

export type Script = readonly Decision[];

/**
 * Each client follows a script of its own, decision by decision, then stops. Clients take the scripts in
 * the order in which they begin.
 */
export function scripted(...scripts: readonly Script[]): Policy & { readonly seen: string[] } {
  let begun = 0;
  const seen: string[] = [];
  return {
    name: "scripted",
    initial: { script: -1, step: 0 },
    seen,
    decide(state, event) {
      if (state.script < 0) state.script = begun++;
      seen.push(`${event.nowMs} ms script ${state.script}: ${event.kind}`);
      return scripts[state.script]?.[state.step++] ?? { do: "stop", why: "attempts" };
    },
  };
}

export const SEND: Decision = { do: "send" };
export const RESET: Decision = { do: "send", resetSession: true };
export const wait = (delayMs: number): Decision => ({ do: "wait", delayMs });
