/** What the package offers. A new entry is a line in each place that `package.test.ts` compares. */
import { readFileSync } from "node:fs";
import { join } from "node:path";
import manifest from "../../package.json" with { type: "json" };

const { exports: sources, publishConfig } = manifest;

/** By name, as this repository resolves it: TypeScript that runs unbuilt. */
export const SOURCES: Readonly<Record<string, string>> = sources;

/** By name, as whoever installs the package resolves it. */
export const PUBLISHED: Readonly<Record<string, string>> = publishConfig.exports;

/** With code in them. */
export const ENTRIES = Object.keys(SOURCES).filter((entry) => SOURCES[entry].endsWith(".ts"));

/** Nobody wants these in a browser; all others load and run there. */
const NODE_ENTRIES = ["./undici", "./msw"];

export const BROWSER_ENTRIES = ENTRIES.filter((entry) => !NODE_ENTRIES.includes(entry));

/** "src/fetch/index.ts" of "./fetch". */
export function sourceOf(entry: string): string {
  return SOURCES[entry].slice("./".length);
}

/** "stormproof/fetch" of "./fetch". */
export function specifierOf(entry: string): string {
  return entry.replace(".", manifest.name);
}

/** "fetch" of "./fetch", and "index" of ".": the name of its consumer's file. */
export function consumerOf(entry: string): string {
  return entry === "." ? "index" : entry.slice("./".length);
}

export const CONSUMERS = join(import.meta.dirname, "consumer");

/** What its consumer says that it prints, line by line. */
export function expectedOf(entry: string): string {
  const text = readFileSync(join(CONSUMERS, `${consumerOf(entry)}.ts`), "utf8");
  return [...text.matchAll(/\/\/ => (.*)$/gm)].map(([, line]) => `${line}\n`).join("");
}
