/** A part of the bench: it takes its measure once a round, and makes results of all rounds at the end. */
import type { z } from "zod";
import type { Program } from "../child.ts";

/** Runs one program to its end, and tells how far the bench is. */
export type RunProgram = <Report>(program: Program, schema: z.ZodType<Report>) => Promise<Report>;

export interface Part {
  /** It runs so many a round. */
  readonly programs: number;
  /** @param round counted from 1 */
  measure(round: number, run: RunProgram): Promise<void>;
}
