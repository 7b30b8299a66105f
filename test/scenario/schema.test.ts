/** docs/scenario.schema.json is written by this test: `npx --yes pnpm@12 test test/scenario -u`. */
import { Ajv } from "ajv";
import { describe, expect, test } from "vitest";
import { scenarios } from "../../src/scenarios/index.ts";
import { type SchemaNode, scenarioSchema } from "./scenario-schema.ts";

const isValid = new Ajv({ allowUnionTypes: true }).compile(scenarioSchema);
const [blip] = scenarios.filter(({ name }) => name === "blip");
const { warmUpMs: _, server, ...rest } = blip;

test("docs/scenario.schema.json is the schema that the code validates with", async () => {
  const text = `${JSON.stringify(scenarioSchema, null, 2)}\n`;
  await expect(text).toMatchFileSnapshot("../../docs/scenario.schema.json");
});

describe("an editor accepts", () => {
  test.each(scenarios)("$name", (scenario) => {
    isValid(scenario);
    expect(isValid.errors).toBeNull();
  });

  test("what is left to its default, and the key that names the schema", () => {
    expect(isValid({ $schema: "./scenario.schema.json", ...rest })).toBe(true);
  });
});

describe("and underlines", () => {
  test.each<[string, object]>([
    ["an unknown key", { ...rest, faluts: [] }],
    ["an unknown key inside", { ...rest, server: { ...server, worker: [] } }],
    ["an unknown kind", { ...rest, load: { kind: "opne" } }],
    ["a number in quotes", { ...rest, runMs: "5" }],
    ["a number that is too large", { ...rest, clients: { count: 1e9 } }],
    ["what is missing", { ...rest, runMs: undefined, load: undefined }],
  ])("%s", (_what, scenario) => {
    expect(isValid(JSON.parse(JSON.stringify(scenario)))).toBe(false);
  });
});

test("every field says what it is", () => {
  expect(unexplained(scenarioSchema as SchemaNode, "scenario")).toEqual([]);
  const silent = { properties: { a: { oneOf: [{ description: "this" }, {}] } } };
  expect(unexplained(silent, "scenario")).toEqual(["scenario.a", "scenario.a.1"]);
});

function unexplained({ properties, oneOf, items }: SchemaNode, path: string): string[] {
  const parts = [...Object.entries(properties ?? {}), ...Object.entries(oneOf ?? [])];
  const inItems = items === undefined ? [] : unexplained(items, `${path}[]`);
  const inParts = parts.flatMap(([key, part]) => {
    const says = part.description !== undefined || part.const !== undefined;
    return [...(says ? [] : [`${path}.${key}`]), ...unexplained(part, `${path}.${key}`)];
  });
  return [...inItems, ...inParts];
}
