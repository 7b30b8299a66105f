/** docs/bench-json.md and its like are written by this test: `npx --yes pnpm@12 test json-docs -u`. */
import { expect, it } from "vitest";
import { z } from "zod";
import { OverheadSchema } from "../../bench/overhead/overhead-schema.ts";
import { ResultSchema } from "../../bench/results-schema.ts";
import { SocketsSchema } from "../../bench/sockets/schema.ts";
import { SpeedSchema } from "../../bench/speed/speed-schema.ts";
import { markdownTable } from "../markdown-table.ts";
import { type Node, rowsOf } from "./schema-rows.ts";

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
    ...markdownTable([["field", "type", "meaning"], ...rowsOf(schema.properties ?? {})]),
    "",
  ];
  await expect(document.join("\n")).toMatchFileSnapshot("../../docs/bench-json.md");
});

it("docs/bench-speed-json.md says what the schema says", async () => {
  const schema = z.toJSONSchema(SpeedSchema) as Node;
  const document = [
    "# What `pnpm bench:speed --json FILE` writes",
    "",
    "One object. The file is written whole, at the end, or not at all. The schema is",
    "[bench/speed/speed-schema.ts](../bench/speed/speed-schema.ts), from which this page is made; `x[].y` is",
    "the field `y` of each object in `x`.",
    "",
    "An interval is `{ mean, low, high }`: the mean over batches and its 95 % t interval.",
    "",
    ...markdownTable([["field", "type", "meaning"], ...rowsOf(schema.properties ?? {})]),
    "",
  ];
  await expect(document.join("\n")).toMatchFileSnapshot("../../docs/bench-speed-json.md");
});

it("docs/bench-sockets-json.md says what the schema says", async () => {
  const schema = z.toJSONSchema(SocketsSchema) as Node;
  const document = [
    "# What `pnpm bench:sockets --json FILE` writes",
    "",
    "One object. The file is written whole, at the end, or not at all. The schema is",
    "[bench/sockets/schema.ts](../bench/sockets/schema.ts), from which this page is made; `x[].y` is the field",
    "`y` of each object in `x`.",
    "",
    ...markdownTable([["field", "type", "meaning"], ...rowsOf(schema.properties ?? {})]),
    "",
  ];
  await expect(document.join("\n")).toMatchFileSnapshot("../../docs/bench-sockets-json.md");
});

it("docs/bench-overhead-json.md says what the schema says", async () => {
  const schema = z.toJSONSchema(OverheadSchema) as Node;
  const document = [
    "# What `pnpm bench:overhead --json FILE` writes",
    "",
    "One object. The file is written whole, at the end, or not at all. The schema is",
    "[bench/overhead/overhead-schema.ts](../bench/overhead/overhead-schema.ts), from which this page is made;",
    "`x[].y` is the field `y` of each object in `x`.",
    "",
    ...markdownTable([["field", "type", "meaning"], ...rowsOf(schema.properties ?? {})]),
    "",
  ];
  await expect(document.join("\n")).toMatchFileSnapshot("../../docs/bench-overhead-json.md");
});
