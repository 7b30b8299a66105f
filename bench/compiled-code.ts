/**
 * Keeps the code that Node makes of these files, types stripped, for the next thread or process that
 * loads them. Stripping runs in WebAssembly, after which V8 has typed arrays checked for detached
 * buffers wherever they are read: a run takes a seventh longer.
 */
import { enableCompileCache, flushCompileCache } from "node:module";
import { fileURLToPath } from "node:url";

/** Before anything of the engine is loaded; what cannot be kept is only made again. */
export function keepCompiledCode(): void {
  const folder = fileURLToPath(new URL("../node_modules/.cache/stormproof", import.meta.url));
  enableCompileCache(folder);
  // For worker threads and child processes.
  process.env.NODE_COMPILE_CACHE = folder;
}

/** Loads what the workers will load, so that the first of them finds it. */
export async function compileFor(...modules: readonly URL[]): Promise<void> {
  for (const module of modules) await import(module.href);
  flushCompileCache();
}
