/** What `--json` writes: the one description, and from a pair of runs to it. */
import { z } from "zod";
import { medianResponseMs } from "../../src/measure/formulas.ts";
import type { Pair } from "./calibrate.ts";
import { FIGURES, findingsOf, VERDICTS } from "./verdict.ts";

const count = z.int().min(0);
const responseMs = z.number().nullable();

const Finding = z.strictObject({
  figure: z
    .enum(FIGURES)
    .describe(
      "load: requests a second; goodput: calls a second answered within patience; amplification: requests ÷ calls.",
    ),
  simulator: z.number().describe("Its value in the simulator."),
  scatter: z
    .strictObject({ low: z.number(), high: z.number() })
    .describe(
      "How far the simulator's value moves, as a share of it, when its network delay is up to 2 ms longer each way.",
    ),
  sockets: z.number().describe("Its value through sockets."),
  difference: z
    .number()
    .nullable()
    .describe("sockets ÷ simulator − 1; null when only the simulator has 0."),
  verdict: z
    .enum(VERDICTS)
    .describe(
      "agrees: the difference is small enough; differs: it is not; too slow: it is not, and the machine may be to blame; cut: a run met its bound on attempts; not judged: of a smoke run.",
    ),
});

const Result = z.strictObject({
  scenario: z.string().describe("Its name."),
  policy: z.string().describe("Its name."),
  seed: count.describe("Of both worlds: the same calls, service times and failures."),
  calls: count.describe("Begun after the warm-up, through sockets."),
  attempts: count.describe(
    "Sent after the warm-up, through sockets, the first of each call included.",
  ),
  runs: count.describe(
    "Through sockets, of which the calmest counts: disturbed ones are repeated.",
  ),
  loopLagMs: z.number().describe("How late the event loop was on average, in the run that counts."),
  loopLagMaxMs: z.number().describe("How late it was at worst."),
  medianResponseMs: z
    .strictObject({
      simulator: responseMs.describe("In the simulator; null when none was answered."),
      sockets: responseMs.describe("Through sockets; null when none was answered."),
    })
    .describe("Of the calls answered within patience."),
  findings: z.array(Finding).describe("One for each figure."),
});

export const SocketsSchema = z.strictObject({
  results: z
    .array(Result)
    .describe("One for each scenario and policy, in this order: the two worlds side by side."),
});

export type SocketsResult = z.infer<typeof Result>;

export function resultOf(pair: Pair, isJudged: boolean): SocketsResult {
  const { calls, attempts } = pair.sockets.total;
  return {
    scenario: pair.scenario.name,
    policy: pair.policy,
    seed: pair.seed,
    calls,
    attempts,
    runs: pair.runs,
    loopLagMs: pair.lag.meanMs,
    loopLagMaxMs: pair.lag.maxMs,
    medianResponseMs: {
      simulator: medianResponseMs(pair.simulator),
      sockets: medianResponseMs(pair.sockets),
    },
    findings: findingsOf(pair, isJudged),
  };
}
