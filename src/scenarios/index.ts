/** The default set: each storm separates the policies, and has a control and a large fleet beside it. */
import { defineScenario, type Scenario, type ScenarioInput } from "../scenario.ts";

const at = (perSecond: number) => ({ kind: "open" as const, arrivals: [{ fromMs: 0, perSecond }] });

const slowdown: ScenarioInput = {
  name: "slowdown",
  shows: "A long queue turns a 10 s slowdown into an outage that retries keep alive.",
  runMs: 45_000,
  warmUpMs: 2_000,
  load: at(700),
  server: { queue: { places: 10_000 } },
  faults: [{ kind: "slowdown", fromMs: 10_000, untilMs: 20_000, factor: 5 }],
  trigger: { fromMs: 10_000, untilMs: 20_000 },
};

const surge: ScenarioInput = {
  name: "sign-up-surge",
  shows: "New users come faster than servers: retries decide whether adding servers is enough.",
  runMs: 138_000,
  warmUpMs: 2_000,
  load: {
    kind: "open",
    arrivals: [
      { fromMs: 0, perSecond: 250 },
      { fromMs: 45_000, perSecond: 250, rampToPerSecond: 900 },
      { fromMs: 90_000, perSecond: 900 },
    ],
  },
  server: {
    workers: [
      { fromMs: 0, workers: 10 },
      { fromMs: 60_000, workers: 12 },
      { fromMs: 80_000, workers: 15 },
      { fromMs: 100_000, workers: 17 },
      { fromMs: 120_000, workers: 20 },
      { fromMs: 140_000, workers: 22 },
    ],
    queue: { places: 2_000 },
  },
  trigger: { fromMs: 45_000, untilMs: 120_000 },
};

const inputs: readonly ScenarioInput[] = [
  {
    name: "steady",
    shows: "Rare failures at a healthy server: retries help.",
    runMs: 32_000,
    warmUpMs: 2_000,
    load: at(600),
    faults: [{ kind: "partial", fromMs: 0, untilMs: 1e9, share: 0.02, status: 500 }],
  },
  {
    name: "blip",
    shows: "Half a second of outage: backoff bridges it.",
    runMs: 25_000,
    warmUpMs: 2_000,
    load: at(700),
    faults: [{ kind: "outage", fromMs: 10_000, untilMs: 10_500 }],
    trigger: { fromMs: 10_000, untilMs: 10_500 },
  },
  {
    name: "overload",
    shows:
      "Load above capacity where saying no costs time: every retry takes an answer from somebody.",
    runMs: 60_000,
    warmUpMs: 2_000,
    load: {
      kind: "open",
      arrivals: [
        { fromMs: 0, perSecond: 700 },
        { fromMs: 10_000, perSecond: 1_500 },
        { fromMs: 50_000, perSecond: 700 },
      ],
    },
    server: { rejection: { costMs: 2 } },
    trigger: { fromMs: 10_000, untilMs: 50_000 },
  },
  slowdown,
  {
    ...slowdown,
    name: "slowdown-short-queue",
    shows: "The control: with a short queue the same slowdown leaves nothing behind.",
    server: { queue: { places: 500 } },
  },
  {
    ...slowdown,
    name: "slowdown-large-fleet",
    shows: "The same slowdown and many clients: two tokens each are forty seconds of its work.",
    clients: { count: 20_000 },
  },
  {
    name: "restart-herd",
    shows:
      "A server restarts and every session comes back at once: backoff needs jitter to get them in, and a short fixed wait pays for its speed with forty requests a call.",
    runMs: 10_000,
    patienceMs: 120_000,
    clients: { count: 1_000, timeoutMs: 2_000 },
    // Whoever reconnects until it works says so, and takes the jar for it.
    retry: { attemptsMax: null, budgetTokensMax: 10, budgetTokensInitial: 10 },
    load: { kind: "herd", fromMs: 0, overMs: 0 },
    server: { workers: [{ fromMs: 0, workers: 4 }], queue: { places: 50 } },
    faults: [{ kind: "outage", fromMs: 0, untilMs: 2_000 }],
    trigger: { fromMs: 0, untilMs: 2_000 },
  },
  surge,
  {
    ...surge,
    name: "surge-large-fleet",
    shows:
      "The same surge and 50,000 clients: a budget with two tokens in every pocket keeps it going beyond its end.",
    clients: { count: 50_000 },
  },
];

export const scenarios: readonly Scenario[] = inputs.map(defineScenario);
