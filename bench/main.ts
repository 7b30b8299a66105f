/** What `pnpm bench` starts. */
import { setFlagsFromString } from "node:v8";
import { bench } from "./bench.ts";
import { ENGINE_FLAGS } from "./engine-flags.ts";

for (const flag of ENGINE_FLAGS) setFlagsFromString(flag);

// A script starts in the package's folder; paths are meant from where its user stands.
const { npm_lifecycle_event, INIT_CWD } = process.env;
if (npm_lifecycle_event === "bench" && INIT_CWD !== undefined) process.chdir(INIT_CWD);

process.exitCode = await bench(process.argv.slice(2));
