/**
 * Law 2's debt: jars that do not fill up again delay the recovery by the time the server needs for
 * the retries that they paid for, clients · tokens ÷ (C − λ). For a first-in-first-out queue that is
 * long enough for nothing to be answered in time until all jars are empty.
 */
import { budgeted } from "../../policies/budgeted.ts";
import { immediate } from "../../policies/immediate.ts";
import { none } from "../../policies/none.ts";
import { answeredShare } from "../../src/measure/formulas.ts";
import { type Recovery, recovery } from "../../src/measure/recovery.ts";
import { type RunFigures, RunMeter } from "../../src/measure/run-figures.ts";
import type { Policy } from "../../src/policy.ts";
import { defineScenario, type Scenario } from "../../src/scenario.ts";
import { simulate } from "../../src/sim/simulation.ts";
import { experiment, type Model } from "./experiment.ts";

interface Debt {
  readonly clients: number;
  readonly tokens: number;
  readonly capacityPerSecond: number;
  readonly offeredPerSecond: number;
}

export function excessRecoveryMs(debt: Debt): number {
  const { clients, tokens, capacityPerSecond, offeredPerSecond } = debt;
  return (1000 * clients * tokens) / (capacityPerSecond - offeredPerSecond);
}

const WORKERS = 10;
const SERVICE_MS = 20;
const SLOWDOWN = { fromMs: 5_000, untilMs: 15_000 };

const owing = (clients: number, tokens: number, offeredPerSecond: number) => {
  const debt = {
    clients,
    tokens,
    capacityPerSecond: (1000 * WORKERS) / SERVICE_MS,
    offeredPerSecond,
  };
  const policy = budgeted(immediate(), { ratio: 0, tokensMax: tokens, tokensInitial: tokens });
  return experiment({
    setting: `${clients} clients, ${tokens} tokens, λ = ${offeredPerSecond}/s, C = 500/s`,
    world: slowdownWorld(clients, offeredPerSecond),
    theory: {
      "excess recovery in ms": {
        value: excessRecoveryMs(debt),
        mistake: {
          what: "nobody new calls meanwhile",
          value: excessRecoveryMs({ ...debt, offeredPerSecond: 0 }),
        },
      },
    },
    measure(world, seed) {
      const calm = figuresOf(world, none(), seed);
      const owed = figuresOf(world, policy, seed);
      expectEmptyJars(owed, clients * tokens);
      const healthyShare = answeredShare(calm.beforeTrigger) ?? 0;
      const recoveryMs = (figures: RunFigures) => inMs(recovery(world, figures, healthyShare));
      return { "excess recovery in ms": recoveryMs(owed) - recoveryMs(calm) };
    },
  });
};

/** The premise, exactly: every token was spent. */
function expectEmptyJars({ total }: RunFigures, tokens: number): void {
  const retries = total.attempts - total.calls;
  if (retries !== tokens) throw new Error(`Expected ${tokens} retries, got ${retries}.`);
}

function inMs(recovered: Recovery): number {
  if (typeof recovered === "number") return recovered;
  throw new Error(`Expected a recovery within the run, got ${recovered}.`);
}

function figuresOf(world: Scenario, policy: Policy, seed: number): RunFigures {
  const meter = new RunMeter(world);
  simulate({ scenario: world, policy, seed, trace: meter });
  return meter.figures();
}

function slowdownWorld(clients: number, perSecond: number): Scenario {
  return defineScenario({
    name: "debt",
    shows: "What full jars cost.",
    runMs: 40_000,
    patienceMs: 1_000,
    networkMs: 0.001,
    clients: { count: clients, timeoutMs: 1_000 },
    load: { kind: "open", arrivals: [{ fromMs: 0, perSecond }] },
    server: {
      workers: [{ fromMs: 0, workers: WORKERS }],
      service: { distribution: "exponential", meanMs: SERVICE_MS },
      queue: { places: 100_000, order: "fifo" },
      rejection: { status: 503, costMs: 0 },
    },
    faults: [{ kind: "slowdown", ...SLOWDOWN, factor: 10 }],
    trigger: SLOWDOWN,
  });
}

export const debtModel: Model = {
  name: "Law 2's debt",
  formula: "Excess recovery = clients · tokens ÷ (C − λ)",
  source:
    "conservation of work: the backlog shrinks at C − λ, and each token adds one request to it",
  experiments: [owing(100, 20, 200), owing(200, 10, 250)],
};
