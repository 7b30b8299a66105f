/** docs/bench-json.md is written by this test: `npx --yes pnpm@12 test json-docs -u`. */
import { expect, it } from "vitest";
import { z } from "zod";
import { ResultSchema } from "../../bench/results-schema.ts";
import { markdownTable } from "../markdown-table.ts";

interface Node {
  readonly description?: string;
  readonly type?: string | readonly string[];
  readonly enum?: readonly string[];
  readonly anyOf?: readonly Node[];
  readonly properties?: Readonly<Record<string, Node>>;
}

it("docs/bench-json.md says what the schema says", async () => {
  const schema = z.toJSONSchema(ResultSchema) as Node;
  const document = [
    "# What `pnpm bench --json FILE` writes",
    "",
    '`{ "results": [ … ] }`: one object for each scenario, policy and lane, in this order. The same command',
    "writes the same bytes, on any number of cores: there is no clock time in it. The file is written whole, at",
    "the end, or not at all. The schema is [bench/results-schema.ts](../bench/results-schema.ts), from which",
    "this page is made.",
    "",
    "An interval is `{ mean, low, high }`: the mean over seeds and its 95 % t interval, whose bounds are null",
    "with one seed.",
    "",
    ...markdownTable([["field", "type", "meaning"], ...rowsOf(schema.properties ?? {}, "")]),
    "",
  ];
  await expect(document.join("\n")).toMatchFileSnapshot("../../docs/bench-json.md");
});

function rowsOf(properties: Readonly<Record<string, Node>>, prefix: string): string[][] {
  return Object.entries(properties).flatMap(([name, node]) => {
    const isNullable = node.anyOf?.some(({ type }) => type === "null") === true;
    const inner = node.anyOf?.find(({ type }) => type !== "null") ?? node;
    const isInterval = inner.properties?.mean !== undefined;
    const types = isInterval
      ? ["interval"]
      : (inner.enum?.map((value) => `"${value}"`) ?? [inner.type].flat());
    const type = [...types, ...(isNullable ? ["null"] : [])].join(" or ");
    const meaning = node.description ?? inner.description ?? "";
    return [
      [`\`${prefix}${name}\``, type, meaning],
      ...(isInterval ? [] : rowsOf(inner.properties ?? {}, `${prefix}${name}.`)),
    ];
  });
}
