/** Searches for the smallest storm in which a policy breaks a law. */
import fc from "fast-check";
import type { Policy } from "../../src/policy.ts";
import { type Law, type Run, type Storm, stormStory } from "../../src/vet/index.ts";

export interface SearchOptions {
  readonly storms: fc.Arbitrary<Storm>;
  readonly run: Run;
  /** How many storms must be decided before the law counts as kept. */
  readonly numRuns: number;
  /** False where a run is too dear to look for a smaller storm. @default true */
  readonly shrinks?: boolean;
}

/** What the search found: nothing, or the smallest storm and how the law was broken in it. */
export type Found =
  | { readonly breaks: false; readonly storms: number }
  | { readonly breaks: true; readonly story: string };

export async function search(law: Law, policy: Policy, options: SearchOptions): Promise<Found> {
  const { storms, run, numRuns, shrinks = true } = options;
  const property = fc.asyncProperty(storms, async (storm) => {
    const verdict = await law.judge(policy, storm, run);
    // A run too short for its bound is undecided, never passed: another takes its place.
    fc.pre(verdict.kept !== "undecided");
    return verdict.kept === true;
  });
  const seed = 20210115;
  const result = await fc.check(property, {
    numRuns,
    seed,
    maxSkipsPerRun: 20,
    endOnFailure: !shrinks,
  });
  if (!result.failed) return { breaks: false, storms: result.numRuns };
  if (result.counterexample === null) {
    throw new Error(
      `Law ${law.number} could not be decided for ${policy.name}: ${result.numSkips} storms skipped.`,
    );
  }
  const [storm] = result.counterexample;
  const verdict = await law.judge(policy, storm, run);
  if (verdict.kept !== false) throw new Error("The storm did not break the law a second time.");
  return { breaks: true, story: `${stormStory(storm)} ${verdict.how}` };
}
