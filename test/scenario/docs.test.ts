/** The table of docs/scenarios.md is written by this test: `npx --yes pnpm@12 test test/scenario -u`. Its examples run. */
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Ajv } from "ajv";
import { afterAll, describe, expect, test } from "vitest";
import { policiesOf } from "../../bench/policy-choice.ts";
import { readScenarioFile } from "../../bench/scenario-file.ts";
import { none } from "../../policies/none.ts";
import { simulate } from "../../src/sim/simulation.ts";
import { RecordedTrace } from "../../src/trace.ts";
import { markdownTable } from "../markdown-table.ts";
import { fieldRows } from "./field-rows.ts";
import { type SchemaNode, scenarioSchema } from "./scenario-schema.ts";

const page = readFileSync(new URL("../../docs/scenarios.md", import.meta.url), "utf8");

test("docs/scenarios.md explains every field", async () => {
  const [before, after] = page.split(/(?<=<!-- fields -->\n)[\s\S]*(?=<!-- \/fields -->)/);
  const rows = fieldRows(scenarioSchema as SchemaNode);
  const table = markdownTable([["field", "value", "default", "meaning"], ...rows]).join("\n");
  await expect(`${before}${table}\n${after}`).toMatchFileSnapshot("../../docs/scenarios.md");
});

describe("the examples of docs/scenarios.md", () => {
  const folder = mkdtempSync(join(tmpdir(), "stormproof-docs-"));
  afterAll(() => rmSync(folder, { recursive: true }));
  const isValid = new Ajv({ allowUnionTypes: true }).compile(scenarioSchema);
  const files = [...page.matchAll(/^```\w+ (\S+)\n([\s\S]*?)^```$/gm)].map(([, name, text]) => {
    writeFileSync(join(folder, name), text);
    return name;
  });
  const scenarios = files.filter((name) => name.endsWith(".json"));

  test("are found", () => expect(scenarios.length).toBeGreaterThan(1));

  test.each(scenarios)("%s is what an editor accepts, and runs", async (name) => {
    isValid(JSON.parse(readFileSync(join(folder, name), "utf8")));
    expect(isValid.errors).toBeNull();
    const scenario = await readScenarioFile(join(folder, name));
    const trace = new RecordedTrace();
    const end = simulate({
      scenario,
      policy: none(),
      policyOf: policiesOf(scenario),
      seed: 1,
      trace,
      attemptsBound: 2_000,
    });
    expect(end.attempts).toBeGreaterThan(3);
  });
});
