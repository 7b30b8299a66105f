/** What `pnpm bench:overhead` starts. */
import { keepCompiledCode } from "../compiled-code.ts";

keepCompiledCode();

// A script starts in the package's folder; paths are meant from where its user stands.
const { npm_lifecycle_event, INIT_CWD } = process.env;
if (npm_lifecycle_event === "bench:overhead" && INIT_CWD !== undefined) process.chdir(INIT_CWD);

const { overhead } = await import("./overhead.ts");
process.exitCode = await overhead(process.argv.slice(2));
