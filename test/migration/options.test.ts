/** Every option of the libraries that people come from is in docs/migrating.md, and what it is here exists. */
import { readFileSync, realpathSync } from "node:fs";
import { createRequire } from "node:module";
import { DEFAULT_OPTIONS } from "axios-retry";
import got from "got";
import { describe, expect, test } from "vitest";
import { vetted } from "../../policies/index.ts";
import { FETCH_CHECKS } from "../../src/fetch/options.ts";
import * as main from "../../src/index.ts";
import { CALL_CHECKS, RETRY_CHECKS } from "../../src/retry/options.ts";

const page = readFileSync(new URL("../../docs/migrating.md", import.meta.url), "utf8");

interface Line {
  readonly option: string;
  readonly theirs: string;
  readonly here: string;
}

function linesOf(library: string): Line[] {
  const [, table = ""] = page.split(`<!-- options ${library} -->\n`);
  const [, , ...rows] = table.split("<!-- /options -->")[0].trim().split("\n");
  return rows.map((row) => {
    const [, option, theirs, here] = row.split("|").map((cell) => cell.trim());
    return { option: option.replaceAll("`", ""), theirs, here };
  });
}

/** What a declaration file says of a type: names, and defaults where it tells them in a word. */
function declared(file: string, head: string): Record<string, string | undefined> {
  const [before = "", body = ""] = readFileSync(file, "utf8").split(head);
  const indent = /[ \t]*$/.exec(before)?.[0] ?? "";
  const members = body
    .split(`\n${indent}}`)[0]
    .matchAll(/\/\*\*([\s\S]*?)\*\/\s*(?:readonly )?(\w+)\?:/g);
  return Object.fromEntries(
    Array.from(members, ([, comment, name]) => [name, /@default ([\w.]+)$/m.exec(comment)?.[1]]),
  );
}

const told = (defaults: object) =>
  Object.fromEntries(
    Object.entries(defaults).map(([name, value]) => [
      name,
      ["number", "boolean"].includes(typeof value) ? `${value}` : undefined,
    ]),
  );

const installed = (path: string) => new URL(`../../node_modules/${path}`, import.meta.url).pathname;
const ofRetry = createRequire(realpathSync(installed("@types/async-retry/index.d.ts"))).resolve(
  "@types/retry/package.json",
);
const inRetry = (head: string) => declared(ofRetry.replace("package.json", "index.d.ts"), head);

const OPTIONS: Readonly<Record<string, Record<string, string | undefined>>> = {
  "p-retry": declared(installed("p-retry/index.d.ts"), "export type Options = {"),
  "async-retry": {
    ...inRetry("export interface CreateTimeoutOptions {"),
    ...inRetry("export interface TimeoutsOptions extends CreateTimeoutOptions {"),
    ...inRetry("export interface WrapOptions extends TimeoutsOptions {"),
    // What it has of its own.
    randomize: "true",
    onRetry: undefined,
  },
  "axios-retry": told(DEFAULT_OPTIONS),
  got: told(got.defaults.options.retry),
  ky: declared(installed("ky/distribution/types/retry.d.ts"), "export type RetryOptions = {"),
  undici: declared(installed("undici/types/retry-handler.d.ts"), "export interface RetryOptions {"),
};

/** Of a policy, as it names them in its error. */
function optionsOf(make: (options: object) => unknown): string[] {
  try {
    make({ unknown: 1 });
    return [];
  } catch (error) {
    return [...String(error).matchAll(/`(\w+)`/g)].map(([, option]) => option);
  }
}

const OURS = new Set([
  ...Object.keys({ ...RETRY_CHECKS, ...CALL_CHECKS, ...FETCH_CHECKS, ...main }),
  ...optionsOf(vetted),
]);

/** Of theirs, which stay as they are. */
const KEPT = new Set(["timeout", "validateStatus"]);

describe.each(Object.keys(OPTIONS))("%s", (library) => {
  const lines = linesOf(library);

  test("every option of theirs is there, and no other", () => {
    expect(lines.map(({ option }) => option).sort()).toEqual(Object.keys(OPTIONS[library]).sort());
    expect(lines.length).toBeGreaterThan(6);
  });

  test("with its default", () => {
    for (const { option, theirs } of lines) {
      const value = OPTIONS[library][option];
      if (value === undefined || value === "undefined") continue;
      expect(`${option}: ${theirs.replaceAll(",", "")}`).toMatch(
        new RegExp(`^${option}: ${value}\\b`),
      );
    }
  });

  test("what it is here exists", () => {
    const names = lines.flatMap(({ here }) =>
      [...here.matchAll(/`(\w+)`/g)].map(([, name]) => name),
    );
    expect(names.filter((name) => !OURS.has(name) && !KEPT.has(name))).toEqual([]);
    expect(names).toContain("attemptsMax");
  });
});
