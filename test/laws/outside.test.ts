/** What the laws do not speak of. */
import { describe, expect, test } from "vitest";
import { vetted } from "../../policies/index.ts";
import { defineScenario, type ScenarioInput } from "../../src/scenario.ts";
import { laws } from "../../src/vet/index.ts";

function storm(input: Partial<ScenarioInput>) {
  const load = { kind: "open", arrivals: [{ fromMs: 0, perSecond: 100 }] } as const;
  const scenario = defineScenario({ name: "outside", shows: "", runMs: 1_000, load, ...input });
  return { scenario, seed: 1 };
}

async function neverRun(): Promise<never> {
  throw new Error("a law outside its domain needs no run");
}

describe.each(laws)("law $number, $name", (law) => {
  test("is undecided where clients have several policies", async () => {
    const verdict = await law.judge(
      vetted(),
      storm({ cohorts: [{ name: "old", share: 1 }] }),
      neverRun,
    );
    expect(verdict).toMatchObject({ kept: "undecided" });
  });

  test("is undecided where servers call servers", async () => {
    const verdict = await law.judge(vetted(), storm({ downstream: [{ name: "store" }] }), neverRun);
    expect(verdict).toMatchObject({ kept: "undecided" });
  });
});
