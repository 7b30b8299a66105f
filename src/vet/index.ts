/** The eight laws of load, in their order. */
import { boundedAmplification } from "./bounded-amplification.ts";
import { boundedDebt } from "./bounded-debt.ts";
import { costsItsRatio } from "./costs-its-ratio.ts";
import { type Law, undecided } from "./law.ts";
import { neverEarly } from "./never-early.ts";
import { pure } from "./pure.ts";
import { sessions } from "./sessions.ts";
import { spread } from "./spread.ts";
import { useful } from "./useful.ts";

export type { Law, Run, Storm } from "./law.ts";
export { stormStory } from "./storm-story.ts";

const all: readonly Law[] = [
  boundedAmplification,
  boundedDebt,
  costsItsRatio,
  spread,
  neverEarly,
  useful,
  sessions,
  pure,
];

export const laws: readonly Law[] = all.map((law) => ({
  ...law,
  async judge(policy, storm, run) {
    const { cohorts, traffics, attempt, recipients, downstream } = storm.scenario;
    if (cohorts.length > 0) {
      return undecided("The scenario has cohorts, and a law is about clients of one policy.");
    }
    if (downstream.length > 0) {
      return undecided("The scenario has a chain, and a law is about one server: layers multiply.");
    }
    if (traffics.length > 0 || attempt.requests > 1 || recipients !== undefined) {
      return undecided(
        "The scenario has several kinds of calls, requests or recipients, and a law is about one.",
      );
    }
    return law.judge(policy, storm, run);
  },
}));
