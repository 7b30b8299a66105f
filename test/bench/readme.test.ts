/** What the README shows is what the command prints. */
import { readFileSync } from "node:fs";
import { afterAll, expect, test } from "vitest";
import { Folder } from "./cli.ts";

const folder = new Folder();
afterAll(() => folder.remove());

test("the README's table is what its command prints", async () => {
  const readme = readFileSync(new URL("../../README.md", import.meta.url), "utf8");
  const command = /^npx --yes pnpm@12 bench (--scenario slowdown .*)$/m.exec(readme)?.[1] ?? "";
  const shown = /<!-- bench -->\n```text\n([\s\S]*?)\n```\n<!-- \/bench -->/.exec(readme)?.[1];
  const { code, stdout } = await folder.bench(command.split(" "));
  expect(code).toBe(0);
  expect(stdout.split("\n\n\n")[0].trimEnd()).toBe(shown);
});
