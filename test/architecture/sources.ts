/** The project's own files as text, and what can be read off them without a compiler. */
import { globSync, readFileSync } from "node:fs";
import { posix } from "node:path";
import manifest from "../../package.json" with { type: "json" };

/** Text by path from the root, with forward slashes. */
export type Sources = ReadonlyMap<string, string>;

const ROOT = new URL("../../", import.meta.url);

export function readSources(...patterns: readonly string[]): Sources {
  const paths = globSync([...patterns], { cwd: ROOT, exclude: ["**/node_modules/**"] });
  return new Map(
    paths
      .map((path) => path.replaceAll("\\", "/"))
      .sort()
      .map((path) => [path, readFileSync(new URL(path, ROOT), "utf8")]),
  );
}

/** The source with its comments blanked out: strings, templates and expressions between slashes stay. */
export function withoutComments(source: string): string {
  const token =
    /"(?:\\.|[^"\\\n])*"|'(?:\\.|[^'\\\n])*'|`(?:\\.|[^`\\])*`|(\/\*[\s\S]*?\*\/|\/\/[^\n]*)|(?<=[(,=:[!&|?{};+>]\s*)\/(?:\\.|\[(?:\\.|[^\]\\\n])*\]|[^/\\\n[])+\//g;
  return source.replaceAll(token, (text: string, comment?: string) =>
    comment === undefined ? text : comment.replaceAll(/[^\n]/g, " "),
  );
}

export interface Import {
  readonly from: string;
  readonly line: number;
  /** A path from the root, or the name of a package. */
  readonly to: string;
}

/** What the package calls its own files, by its exports. */
const OWN_NAMES = new Map(
  Object.entries(manifest.exports).map(([entry, file]) => [
    entry.replace(".", manifest.name),
    file.replace("./", ""),
  ]),
);

export function importsOf(path: string, source: string): Import[] {
  const code = withoutComments(source);
  const statement =
    /\b(?:import|export)\b[^;"'`]*?\bfrom\s*["']([^"']+)["']|\bimport\s*\(?\s*["']([^"']+)["']/g;
  return [...code.matchAll(statement)].map((match) => {
    const name = match[1] ?? match[2];
    const to = name.startsWith(".") ? posix.join(posix.dirname(path), name) : name;
    const end = match.index + match[0].length;
    return { from: path, line: code.slice(0, end).split("\n").length, to: OWN_NAMES.get(to) ?? to };
  });
}

/** All files that the entry imports, itself included, however many steps away. */
export function reachableFrom(entry: string, sources: Sources): Set<string> {
  const reached = new Set<string>();
  const visit = (path: string) => {
    const source = sources.get(path);
    if (source === undefined || reached.has(path)) return;
    reached.add(path);
    for (const { to } of importsOf(path, source)) visit(to);
  };
  visit(entry);
  return reached;
}
