/** How a model of queueing theory and the simulator meet. */
import type { Scenario } from "../../src/scenario.ts";

/** What theory says of one figure. */
export interface Expectation {
  readonly value: number;
  /** What a plausible mistake, of the formula or of the simulator, would make of it. */
  readonly mistake: Mistake;
  /** How wide the interval may be on either side, relative to the value. @default HALF_WIDTH_MAX */
  readonly halfWidthMax?: number;
}

export const HALF_WIDTH_MAX = 0.04;
/** For what a slip of 5 % moves by a sixth or more. */
export const HALF_WIDTH_MAX_SENSITIVE = 0.08;

export interface Mistake {
  readonly what: string;
  readonly value: number;
}

/** One world in which a model's figures are known. */
export interface Experiment<Figure extends string = string> {
  readonly setting: string;
  readonly world: Scenario;
  readonly theory: Readonly<Record<Figure, Expectation>>;
  /** The figures of one run. */
  measure(world: Scenario, seed: number): Readonly<Record<Figure, number>>;
  /** The figures of one run of a broken simulator; by default the world is 5 % off, as in `broken`. */
  measureBroken?(seed: number): Readonly<Record<Figure, number>>;
}

export interface Model {
  readonly name: string;
  /** In words and signs, as the page shows it. */
  readonly formula: string;
  /** Where the formula stands. */
  readonly source: string;
  readonly experiments: readonly Experiment[];
}

/** Holds a setting's figures to the names that its theory gives them. */
export function experiment<Figure extends string>(given: Experiment<Figure>): Experiment {
  return given;
}

/** What the page and the tests call a slip of 5 %, the smallest that they must notice. */
export const SLIP = 1.05;

/** A world whose server takes 5 % longer, and fails 5 % more often, than it says. */
export function broken({ server, faults, ...rest }: Scenario): Scenario {
  const service = { ...server.service, meanMs: server.service.meanMs * SLIP };
  return {
    ...rest,
    server: { ...server, service },
    faults: faults.map((fault) =>
      fault.kind === "partial" ? { ...fault, share: fault.share * SLIP } : fault,
    ),
  };
}
