/** What `pnpm bench:jars` starts: the evidence for the default jar, in docs/decisions. */
import { keepCompiledCode } from "../compiled-code.ts";

keepCompiledCode();

const BAD_INPUT = 2;

const { Complaint } = await import("../complaint.ts");
const { readArguments } = await import("./arguments.ts");
const { jarsTable } = await import("./jars.ts");

try {
  const asked = readArguments(process.argv.slice(2));
  process.stdout.write(typeof asked === "string" ? asked : `${await jarsTable(asked)}\n`);
} catch (error) {
  if (!(error instanceof Complaint)) throw error;
  process.stderr.write(`${error.message}\n`);
  process.exitCode = BAD_INPUT;
}
