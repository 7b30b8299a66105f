/** What the two worlds say of one policy, and whether they say the same. */
import { amplification, goodputPerSecond, loadPerSecond } from "../../src/measure/formulas.ts";
import type { RunFigures } from "../../src/measure/run-figures.ts";
import type { Scenario } from "../../src/scenario.ts";
import type { Pair } from "./calibrate.ts";

/** Of the simulator's value. */
export const TOLERANCE = 0.1;

/**
 * A loop that is later than this on average, as late as the network, is no measure of the model: it begins
 * calls in bursts, and a queue for a tenth of a second overflows.
 */
export const LAG_MAX_MS = 5;

/** "too slow": they differ, and the machine is to blame; "cut": a run met its bound on attempts. */
export const VERDICTS = ["agrees", "differs", "too slow", "cut", "not judged"] as const;
export type Verdict = (typeof VERDICTS)[number];

export interface Finding {
  readonly figure: FigureName;
  readonly simulator: number;
  /** How far the simulator's value moves when its network is a little slower, as a share of it. */
  readonly scatter: { readonly low: number; readonly high: number };
  readonly sockets: number;
  /** sockets ÷ simulator − 1; null when the simulator has 0 and the sockets have not. */
  readonly difference: number | null;
  readonly verdict: Verdict;
}

export const FIGURES = ["load", "goodput", "amplification"] as const;
export type FigureName = (typeof FIGURES)[number];

/** @param isJudged whether the runs were long enough to say anything */
export function findingsOf(pair: Pair, isJudged: boolean): Finding[] {
  return FIGURES.map((figure) => {
    const value = (figures: RunFigures) => valueIn(figure, pair.scenario, figures);
    const [simulator, sockets] = [value(pair.simulator), value(pair.sockets)];
    const moves = pair.nudged.map((figures) => differenceOf(simulator, value(figures)) ?? 0);
    const scatter = { low: Math.min(0, ...moves), high: Math.max(0, ...moves) };
    const difference = differenceOf(simulator, sockets);
    const verdict = isJudged ? verdictOn(pair, difference) : "not judged";
    return { figure, simulator, scatter, sockets, difference, verdict };
  });
}

function valueIn(figure: FigureName, scenario: Scenario, { total }: RunFigures): number {
  switch (figure) {
    case "load":
      return loadPerSecond(scenario, total);
    case "goodput":
      return goodputPerSecond(scenario, total);
    case "amplification":
      return amplification(total) ?? 0;
  }
}

export function isDisturbed({ lag }: Pick<Pair, "lag">): boolean {
  return lag.meanMs > LAG_MAX_MS;
}

function differenceOf(simulator: number, other: number): number | null {
  if (simulator === 0) return other === 0 ? 0 : null;
  return other / simulator - 1;
}

function verdictOn(pair: Pick<Pair, "lag" | "cut">, difference: number | null): Verdict {
  if (pair.cut) return "cut";
  if (Math.abs(difference ?? Infinity) <= TOLERANCE) return "agrees";
  return isDisturbed(pair) ? "too slow" : "differs";
}
