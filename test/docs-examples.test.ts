/**
 * Examples run: every fenced ts block of the doc comments in src/ and policies/, and of some pages. A line
 * `expression; // => value` must hold; so must `// => value` under an expression of one line.
 */
import assert from "node:assert/strict";
import { readdirSync, readFileSync } from "node:fs";
import { stripTypeScriptTypes } from "node:module";
import { describe, expect, test } from "vitest";
import { answer, busy, fine, serve } from "./fetch/server.ts";

const ROOT = new URL("../", import.meta.url);
const ROOMS = ["src", "policies"];
const PAGES = ["docs/clients.md", "docs/flags.md", "docs/migrating.md", "docs/telemetry.md"];

interface Example {
  readonly file: string;
  readonly line: number;
  readonly code: string;
}

function examplesOf(file: string, source: string): Example[] {
  return [...source.matchAll(/\/\*\*[\s\S]*?\*\//g)].flatMap((comment) =>
    [...comment[0].matchAll(/```ts\n([\s\S]*?)```/g)].map((block) => ({
      file,
      line: source.slice(0, comment.index + block.index).split("\n").length + 1,
      code: block[1].replaceAll(/^\s*\* ?/gm, ""),
    })),
  );
}

function examplesOfPage(file: string): Example[] {
  const text = readFileSync(new URL(file, ROOT), "utf8");
  return [...text.matchAll(/^```ts\n([\s\S]*?)^```/gm)].map((block) => ({
    file,
    line: text.slice(0, block.index).split("\n").length + 1,
    code: block[1],
  }));
}

function allExamples(): Example[] {
  return ROOMS.flatMap((room) =>
    readdirSync(new URL(`${room}/`, ROOT), { recursive: true, encoding: "utf8" })
      .filter((name) => name.endsWith(".ts"))
      .sort()
      .flatMap((name) => {
        const file = `${room}/${name}`;
        return examplesOf(file, readFileSync(new URL(file, ROOT), "utf8"));
      }),
  );
}

/** "stormproof/policies" by the package's exports, "./backoff.ts" beside the file. */
function resolve(specifier: string, file: string): string {
  if (specifier.startsWith(".")) return new URL(specifier, new URL(file, ROOT)).href;
  const { name, exports } = JSON.parse(readFileSync(new URL("package.json", ROOT), "utf8"));
  if (specifier !== name && !specifier.startsWith(`${name}/`)) return specifier;
  return new URL(exports[specifier.replace(name, ".")], ROOT).href;
}

const ASSERTION = /^(?<code>.*?);?\s*\/\/ => (?<value>.*)$/;

function withAssertions(code: string): string {
  const lines: string[] = [];
  for (const line of code.split("\n")) {
    const { code: left, value } = ASSERTION.exec(line)?.groups ?? {};
    if (value === undefined) {
      lines.push(line);
      continue;
    }
    const statement = left.trim() === "" ? (lines.pop() ?? "").replace(/;$/, "") : left;
    const constant = /^\s*(?:const|let) (\w+)/.exec(statement)?.[1];
    if (constant !== undefined) lines.push(`${statement};`);
    lines.push(`assert.deepEqual(await (${constant ?? statement}), ${value});`);
  }
  return lines.join("\n");
}

async function run({ file, code }: Pick<Example, "file" | "code">): Promise<void> {
  const script = stripTypeScriptTypes(withAssertions(code)).replaceAll(
    /^import\s*(\w*)\s*(?:\{([^}]*)\}\s*)?from "([^"]+)";/gm,
    (_all, whole: string, names: string | undefined, from: string) => {
      const named = [whole && `default as ${whole}`, names].filter(Boolean).join(", ");
      return `const {${named.replaceAll(" as ", ": ")}} = await load("${from}");`;
    },
  );
  const load = (specifier: string) => import(/* @vite-ignore */ resolve(specifier, file));
  const body = `return (async () => {"use strict";\n${script}\n})();`;
  const url = PAGES.includes(file) ? await busyAtFirst() : undefined;
  await new Function("load", "assert", "url", body)(load, assert, url);
}

/** What pages call `url`. */
async function busyAtFirst(): Promise<string> {
  const account = "<GetCallerIdentityResult><Account>5</Account></GetCallerIdentityResult>";
  const identity = `<GetCallerIdentityResponse>${account}</GetCallerIdentityResponse>`;
  const toAws = answer(200, identity);
  const server = await serve(busy, (response, request) => {
    const isAws = request.headers["amz-sdk-request"] !== undefined;
    (isAws ? toAws : fine)(response, request);
  });
  return server.url;
}

describe("the examples in doc comments", () => {
  test.each(allExamples())("$file:$line", (example) => run(example));

  test.each(PAGES.flatMap(examplesOfPage))("$file:$line", (example) => run(example));

  test("are found in every policy", () => {
    const files = new Set(allExamples().map((example) => example.file));
    expect([...files]).toEqual(
      expect.arrayContaining(["policies/budgeted.ts", "policies/vetted.ts"]),
    );
  });

  test.each(["1 + 1; // => 3", "1 + 1;\n// => 3", "const sum: number = 1 + 1; // => 3"])(
    "are compared: `%s` fails",
    (code) => expect(run({ file: "src/none.ts", code })).rejects.toThrow("3"),
  );

  test("may import by the package's name, and wait", async () => {
    const code =
      'import { none as never } from "stormproof/policies";\nPromise.resolve(never().name); // => "none"';
    await run({ file: "src/none.ts", code });
  });
});
