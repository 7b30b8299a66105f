/**
 * The simulator is right: in every experiment the value of the formula lies in the interval of what
 * was measured, and the interval is narrow. docs/model-theory.md is written by this test:
 * `npx --yes pnpm@12 test theory -u`.
 */
import { describe, expect, test } from "vitest";
import { HALF_WIDTH_MAX } from "./experiment.ts";
import { models } from "./models.ts";
import { theoryPage } from "./page.ts";
import { resultsOf } from "./results.ts";

describe.each(models)("$name", ({ experiments }) => {
  describe.each(experiments)("$setting", (experiment) => {
    test.each(Object.keys(experiment.theory))("%s", (figure) => {
      const { value, mistake, halfWidthMax = HALF_WIDTH_MAX } = experiment.theory[figure];
      const { mean, halfWidth } = resultsOf(experiment)[figure];
      expect(halfWidth / value).toBeLessThan(halfWidthMax);
      expect(Math.abs(mean - value)).toBeLessThanOrEqual(halfWidth);
      expect(Math.abs(mean - mistake.value), mistake.what).toBeGreaterThan(halfWidth);
    });
  });
});

test("docs/model-theory.md says what was found", async () => {
  await expect(theoryPage()).toMatchFileSnapshot("../../docs/model-theory.md");
});
