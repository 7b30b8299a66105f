/** What `pnpm bench:speed` starts. */
import { speed } from "./speed.ts";

// A script starts in the package's folder; paths are meant from where its user stands.
const { npm_lifecycle_event, INIT_CWD } = process.env;
if (npm_lifecycle_event === "bench:speed" && INIT_CWD !== undefined) process.chdir(INIT_CWD);

process.exitCode = await speed(process.argv.slice(2));
