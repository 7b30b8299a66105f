/** What was asked for on the command line. */
import { Command } from "commander";
import { parse, whole } from "../command-line.ts";

const SEEDS = 5;
const SEEDS_MAX = 999;

/**
 * @returns over how many seeds every number is a mean, or the help text when that was asked for
 * @throws {Complaint}
 */
export function readArguments(argv: readonly string[]): number | string {
  const command = new Command("pnpm bench:jars")
    .description("Tries jars of all sizes, and how full they are at first, in twelve storms.")
    .option(
      "--seeds <count>",
      `every number is a mean over so many, 1 to ${SEEDS_MAX} (default: ${SEEDS})`,
      whole("--seeds", SEEDS_MAX),
    );
  return parse(command, argv) ?? command.opts().seeds ?? SEEDS;
}
