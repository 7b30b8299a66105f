/** TypeScript as a browser takes it: modules that import nothing but one another. */
import { relative, resolve } from "node:path";
import { build } from "esbuild";

const ROOT = resolve(import.meta.dirname, "../..");

/**
 * @param entries source by name, both from the root and without an ending
 * @returns the text of each file, by its path in the site
 * @throws when a browser could not resolve an import: one of Node's, above all
 */
export async function bundle(
  entries: Readonly<Record<string, string>>,
): Promise<ReadonlyMap<string, string>> {
  const { outputFiles } = await build({
    absWorkingDir: ROOT,
    entryPoints: { ...entries },
    platform: "browser",
    format: "esm",
    bundle: true,
    splitting: true,
    write: false,
    outdir: "site",
    logLevel: "silent",
  });
  return new Map(
    outputFiles.map(({ path, text }) => [`/${relative(resolve(ROOT, "site"), path)}`, text]),
  );
}
