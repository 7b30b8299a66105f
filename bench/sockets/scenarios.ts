/**
 * Three storms small enough for a process that is server and clients at once: a capacity of 150 a second,
 * up to 350 requests a second on the wire, and every time in them far above the millisecond that timers
 * come late.
 */
import {
  defineScenario,
  SCENARIO_DEFAULTS,
  type Scenario,
  type ScenarioInput,
} from "../../src/scenario.ts";

const arrivals = (...steps: { fromMs: number; perSecond: number }[]) => ({
  kind: "open" as const,
  arrivals: steps,
});

const base = {
  runMs: 6_000,
  warmUpMs: 500,
  patienceMs: 1_000,
  clients: { count: 20, timeoutMs: 500 },
  retry: { ...SCENARIO_DEFAULTS.retry, delayMaxMs: 2_000, budgetTokensMax: 2 },
  load: arrivals({ fromMs: 0, perSecond: 100 }),
  server: {
    workers: [{ fromMs: 0, workers: 6 }],
    service: { distribution: "exponential", meanMs: 40 },
    queue: { places: 30, order: "fifo" },
    rejection: { status: 503, costMs: 0 },
  },
} as const satisfies Omit<ScenarioInput, "name" | "shows">;

const overload = { fromMs: 1_000, untilMs: 4_000 };
const slowdown = { fromMs: 1_000, untilMs: 2_500 };

const inputs: readonly ScenarioInput[] = [
  {
    ...base,
    name: "failures",
    shows: "One request in ten fails at a healthy server.",
    faults: [{ kind: "partial", fromMs: 0, untilMs: 1e9, share: 0.1, status: 500 }],
  },
  {
    ...base,
    name: "overload",
    shows: "Half more load than capacity for 3 s, where saying no costs time.",
    load: arrivals(
      { fromMs: 0, perSecond: 100 },
      { fromMs: overload.fromMs, perSecond: 225 },
      { fromMs: overload.untilMs, perSecond: 100 },
    ),
    // With more places the figures of one run would hang on a millisecond here and there.
    server: {
      ...base.server,
      queue: { places: 15, order: "fifo" },
      rejection: { status: 503, costMs: 4 },
    },
    trigger: overload,
  },
  {
    ...base,
    name: "slowdown",
    shows: "1.5 s at a fifth of the speed, and a long queue that retries keep full.",
    server: { ...base.server, queue: { places: 1_000, order: "fifo" } },
    faults: [{ kind: "slowdown", ...slowdown, factor: 5 }],
    trigger: slowdown,
  },
];

export const socketScenarios = inputs.map(defineScenario);

const SMOKE = 1 / 10;

/** The same, played so fast that it is over before anything can be said of it. */
export function smoked(scenario: Scenario): Scenario {
  const { load, trigger } = scenario;
  const sooner = <Step extends { fromMs: number }>(step: Step) => ({
    ...step,
    fromMs: step.fromMs * SMOKE,
  });
  const shorter = <Span extends { fromMs: number; untilMs: number }>(span: Span) => ({
    ...sooner(span),
    untilMs: span.untilMs * SMOKE,
  });
  return {
    ...scenario,
    runMs: scenario.runMs * SMOKE,
    warmUpMs: scenario.warmUpMs * SMOKE,
    patienceMs: 300,
    load: load.kind === "open" ? { ...load, arrivals: load.arrivals.map(sooner) } : load,
    faults: scenario.faults.map(shorter),
    trigger: trigger && shorter(trigger),
  };
}
