/** From the command line to exit code: what is asked for, measured, and told. */
import { ProgramFailure } from "../child.ts";
import { Complaint } from "../complaint.ts";
import { expectWritable, writeJson } from "../json-file.ts";
import { columnsToFill, endWhenNobodyReads } from "../terminal.ts";
import { readArguments } from "./arguments.ts";
import { measure } from "./measure.ts";
import { overheadReport } from "./overhead-report.ts";
import { type Overhead, OverheadSchema } from "./overhead-schema.ts";

const FAILED = 1;
const BAD_INPUT = 2;
const INTERRUPTED = 130;

/** @returns the exit code: 1 when a goal is missed and `--check` asks for it */
export async function overhead(argv: readonly string[]): Promise<number> {
  endWhenNobodyReads();
  const interrupt = new AbortController();
  for (const signal of ["SIGINT", "SIGTERM"]) process.once(signal, () => interrupt.abort());
  try {
    const asked = readArguments(argv);
    if (typeof asked === "string") {
      process.stdout.write(asked);
      return 0;
    }
    if (asked.json !== undefined) expectWritable(asked.json);
    const measured = OverheadSchema.parse(await measure(asked, interrupt.signal));
    if (asked.json !== undefined) writeJson(asked.json, measured);
    process.stdout.write(overheadReport(measured, columnsToFill()));
    return asked.check && isGoalMissed(measured) ? FAILED : 0;
  } catch (error) {
    if (interrupt.signal.aborted) return INTERRUPTED;
    const isBadInput = error instanceof Complaint;
    if (!isBadInput && !(error instanceof ProgramFailure)) throw error;
    process.stderr.write(`${error.message}\n`);
    return isBadInput ? BAD_INPUT : FAILED;
  }
}

export function isGoalMissed({ groups }: Pick<Overhead, "groups">): boolean {
  return groups.some(({ wrappers }) => wrappers.some(({ isMet }) => isMet === false));
}
