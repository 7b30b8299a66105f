/** The eight laws of load, in their order. */
import { boundedAmplification } from "./bounded-amplification.ts";
import { boundedDebt } from "./bounded-debt.ts";
import { costsItsRatio } from "./costs-its-ratio.ts";
import type { Law } from "./law.ts";
import { neverEarly } from "./never-early.ts";
import { pure } from "./pure.ts";
import { sessions } from "./sessions.ts";
import { spread } from "./spread.ts";
import { useful } from "./useful.ts";

export type { Law, Run, Storm } from "./law.ts";
export { stormStory } from "./storm-story.ts";

export const laws: readonly Law[] = [
  boundedAmplification,
  boundedDebt,
  costsItsRatio,
  spread,
  neverEarly,
  useful,
  sessions,
  pure,
];
