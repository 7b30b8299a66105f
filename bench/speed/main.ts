/** What `pnpm bench:speed` starts. */
import { keepCompiledCode } from "../compiled-code.ts";

// Of each kind of child process the first fills the cache: a bare run, or one of the smallest.
keepCompiledCode();

// A script starts in the package's folder; paths are meant from where its user stands.
const { npm_lifecycle_event, INIT_CWD } = process.env;
if (npm_lifecycle_event === "bench:speed" && INIT_CWD !== undefined) process.chdir(INIT_CWD);

const { speed } = await import("./speed.ts");
process.exitCode = await speed(process.argv.slice(2));
