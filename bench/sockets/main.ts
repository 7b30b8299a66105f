/** What `pnpm bench:sockets` starts. */
import { sockets } from "./sockets.ts";

// A script starts in the package's folder; paths are meant from where its user stands.
const { npm_lifecycle_event, INIT_CWD } = process.env;
if (npm_lifecycle_event === "bench:sockets" && INIT_CWD !== undefined) process.chdir(INIT_CWD);

process.exitCode = await sockets(process.argv.slice(2));
