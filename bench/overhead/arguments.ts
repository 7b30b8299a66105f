/** What was asked for on the command line. */
import { Command } from "commander";
import { parse, whole } from "../command-line.ts";

export interface Arguments {
  readonly rounds: number;
  readonly smoke: boolean;
  readonly check: boolean;
  readonly json?: string;
}

const ROUNDS = 5;
const ROUNDS_MAX = 99;

/**
 * @returns the arguments, or the help text when that was asked for
 * @throws {Complaint}
 */
export function readArguments(argv: readonly string[]): Arguments | string {
  const command = describe();
  const help = parse(command, argv);
  if (help !== undefined) return help;
  const given = command.opts();
  const smoke = given.smoke === true;
  return {
    rounds: given.rounds ?? (smoke ? 1 : ROUNDS),
    smoke,
    check: given.check === true,
    json: given.json,
  };
}

function describe(): Command {
  return new Command("pnpm bench:overhead")
    .description("Measures what a call that succeeds at once costs, beside other retry libraries.")
    .option(
      "--rounds <count>",
      `every ratio is the median of so many, 1 to ${ROUNDS_MAX} (default: ${ROUNDS})`,
      whole("--rounds", ROUNDS_MAX),
    )
    .option("--smoke", "everything once and tiny: whether it works, not what it costs")
    .option("--check", "exit code 1 when a goal is missed")
    .option("--json <file>", "write the results there too (see docs/bench-overhead-json.md)");
}
