/**
 * What was recorded somewhere else and happens again in a run. `replay` is how people write it: the
 * name of a file, which Node reads. `recorded` is what it becomes then: the numbers themselves, which a
 * small scenario may have from the start.
 */
import { z } from "zod";

export const fileColumns = {
  file: z
    .string()
    .min(1)
    .describe(
      "CSV whose first line names its columns, or JSON lines (.jsonl, .ndjson); as seen from the scenario file.",
    ),
  timeColumn: z.string().min(1).describe("The column, or the field, that holds the time."),
};

export const durationUnit = z.enum(["s", "ms", "us", "ns"]);

export const Source = z
  .strictObject({
    file: z.string().describe("As the scenario file names it."),
    sha256: z.string().describe("Of its bytes."),
    rows: z.int().min(0).describe("How many it has."),
  })
  .optional()
  .describe("Which file the numbers were read from; written by its reader. Default: none.");
