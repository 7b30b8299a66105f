/** What `pnpm bench` starts. */
import { setFlagsFromString } from "node:v8";
import { compileFor, keepCompiledCode } from "./compiled-code.ts";
import { ENGINE_FLAGS } from "./engine-flags.ts";

for (const flag of ENGINE_FLAGS) setFlagsFromString(flag);
keepCompiledCode();
await compileFor(new URL("./run-task.ts", import.meta.url));

// A script starts in the package's folder; paths are meant from where its user stands.
const { npm_lifecycle_event, INIT_CWD } = process.env;
if (npm_lifecycle_event === "bench" && INIT_CWD !== undefined) process.chdir(INIT_CWD);

const { bench } = await import("./bench.ts");
process.exitCode = await bench(process.argv.slice(2));
