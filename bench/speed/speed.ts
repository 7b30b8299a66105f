/** From the command line to exit code: what is asked for, measured, and told. */

import { ProgramFailure } from "../child.ts";
import { Complaint } from "../complaint.ts";
import { expectWritable, writeJson } from "../json-file.ts";
import { columnsToFill, endWhenNobodyReads } from "../terminal.ts";
import { type Arguments, readArguments } from "./arguments.ts";
import { speedReport } from "./speed-report.ts";
import { type Speed, SpeedSchema } from "./speed-schema.ts";

const FAILED = 1;
const BAD_INPUT = 2;
const INTERRUPTED = 130;

/** @returns the exit code */
export async function speed(argv: readonly string[]): Promise<number> {
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
    // The statistics take a third of a second to load: only those who wait anyway wait for them.
    const { measure } = await import("./measure.ts");
    const measured = SpeedSchema.parse(await measure(asked, interrupt.signal));
    if (asked.json !== undefined) writeJson(asked.json, measured);
    process.stdout.write(speedReport(measured, columnsToFill()));
    return exitCode(measured, asked);
  } catch (error) {
    if (interrupt.signal.aborted) return INTERRUPTED;
    const isBadInput = error instanceof Complaint;
    if (!isBadInput && !(error instanceof ProgramFailure)) throw error;
    process.stderr.write(`${error.message}\n`);
    return isBadInput ? BAD_INPUT : FAILED;
  }
}

/** A machine may be too slow for a goal; a peer that simulates something else makes its ratio a lie. */
export function exitCode(
  { peers, goals }: Pick<Speed, "peers" | "goals">,
  { check }: Pick<Arguments, "check">,
): number {
  if (peers.some(({ disagreements }) => disagreements.length > 0)) return FAILED;
  return check && goals.some(({ isMet }) => isMet === false) ? FAILED : 0;
}
