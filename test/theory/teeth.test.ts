/** A simulator that is 5 % off is caught, in every figure and by fewer runs. */
import { describe, expect, test } from "vitest";
import { models } from "./models.ts";
import { brokenResultsOf } from "./results.ts";

describe.each(models)("$name", ({ experiments }) => {
  test.each(experiments)("$setting", (experiment) => {
    const results = brokenResultsOf(experiment);
    for (const [figure, { value }] of Object.entries(experiment.theory)) {
      const { mean, halfWidth } = results[figure];
      expect(Math.abs(mean - value), figure).toBeGreaterThan(halfWidth);
    }
  });
});
