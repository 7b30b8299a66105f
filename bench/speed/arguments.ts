/** What was asked for on the command line. */
import { Command } from "commander";
import { append, parse, whole } from "../command-line.ts";
import { Complaint, didYouMean } from "../complaint.ts";
import { PYTHONS } from "./peers/simpy.ts";

export const PARTS = ["peers", "sizes", "policies", "workers"] as const;
export type PartName = (typeof PARTS)[number];

export interface Arguments {
  readonly parts: readonly PartName[];
  readonly rounds: number;
  readonly smoke: boolean;
  readonly check: boolean;
  /** Where SimPy is looked for. */
  readonly pythons: readonly string[];
  readonly json?: string;
}

const ROUNDS = 3;
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
  const only: readonly string[] = given.only ?? [];
  return {
    parts: only.length === 0 ? PARTS : PARTS.filter((name) => only.includes(name)),
    rounds: given.rounds ?? (smoke ? 1 : ROUNDS),
    smoke,
    check: given.check === true,
    pythons: given.python === undefined ? PYTHONS : [given.python],
    json: given.json,
  };
}

function describe(): Command {
  return new Command("pnpm bench:speed")
    .description(
      "Measures how fast the simulator is, and how much it holds, against its goals and other simulators.",
    )
    .option("--only <part>", `${PARTS.join(", ")}; may be repeated`, part)
    .option(
      "--rounds <count>",
      `every figure is the median of so many, 1 to ${ROUNDS_MAX} (default: ${ROUNDS})`,
      whole("--rounds", ROUNDS_MAX),
    )
    .option("--smoke", "everything once and tiny: whether it works, not how fast it is")
    .option("--check", "exit code 1 when a goal is missed")
    .option("--python <file>", `where SimPy is installed (default: ${PYTHONS.join(", then ")})`)
    .option("--json <file>", "write the results there too (see docs/bench-speed-json.md)");
}

function part(text: string, before?: readonly string[]): string[] {
  if (PARTS.some((name) => name === text)) return append(text, before);
  throw new Complaint(
    `Expected --only to be one of ${PARTS.map((name) => `"${name}"`).join(", ")}, got "${text}"${didYouMean(text, PARTS)}`,
  );
}
