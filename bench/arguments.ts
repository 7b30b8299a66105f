/** What was asked for on the command line. */
import { availableParallelism } from "node:os";
import { Command, CommanderError } from "commander";
import { Complaint, didYouMean } from "./complaint.ts";

const LANES = ["sim", "msw"] as const;
export type Lane = (typeof LANES)[number];

export interface Arguments {
  readonly scenarios: readonly string[];
  readonly policies: readonly string[];
  readonly seeds: number;
  readonly quick: boolean;
  readonly list: boolean;
  readonly lane: Lane;
  readonly json?: string;
  readonly explain?: { readonly seed: number; readonly call: number };
  readonly workers: number;
}

const SEEDS = 20;
const SEEDS_QUICK = 10;
const SEEDS_MAX = 1_000;

/**
 * @returns the arguments, or the help text when that was asked for
 * @throws {Complaint}
 */
export function readArguments(argv: readonly string[]): Arguments | string {
  const command = describe();
  // `pnpm bench -- --quick` hands the dashes on.
  const words = argv[0] === "--" ? argv.slice(1) : argv;
  try {
    command.parse([...words], { from: "user" });
  } catch (error) {
    if (!(error instanceof CommanderError)) throw error;
    if (error.code === "commander.helpDisplayed") return command.helpInformation();
    throw new Complaint(sentence(error.message));
  }
  if (command.args.length > 0) {
    throw new Complaint(`Expected options only, got "${command.args[0]}"; see --help.`);
  }
  const given = command.opts();
  const quick = given.quick === true;
  return {
    scenarios: given.scenario ?? [],
    policies: given.policy ?? [],
    seeds: given.seeds ?? (quick ? SEEDS_QUICK : SEEDS),
    quick,
    list: given.list === true,
    lane: given.lane,
    json: given.json,
    explain: given.explain,
    workers: given.workers,
  };
}

function describe(): Command {
  return new Command("pnpm bench")
    .description("Runs retry policies through storms, and prints a table for each scenario.")
    .option(
      "-s, --scenario <name|file>",
      "only this one, or one of your own (JSON); may be repeated",
      append,
    )
    .option(
      "-p, --policy <name|file>",
      "only this one, or one of your own: a file whose default export is a policy; may be repeated",
      append,
    )
    .option(
      "--seeds <count>",
      `runs of each, 1 to ${SEEDS_MAX} (default: ${SEEDS}, quick: ${SEEDS_QUICK})`,
      whole("--seeds", SEEDS_MAX),
    )
    .option("--quick", "fewer seeds and shorter runs")
    .option(
      "--lane <sim|msw>",
      "the simulator, or the helper and real fetch against MSW",
      lane,
      "sim",
    )
    .option("--json <file>", "write the results there too (see docs/bench-json.md)")
    .option(
      "--explain <seed:call>",
      "the life of the n-th call of one run, with one scenario and one policy",
      explain,
    )
    .option(
      "--workers <count>",
      "threads to run on; the results do not depend on it",
      whole("--workers", 256),
      availableParallelism(),
    )
    .option("--list", "the scenarios and policies there are")
    .allowExcessArguments()
    .configureOutput({ writeOut: () => {}, writeErr: () => {} })
    .exitOverride();
}

function append(value: string, before: readonly string[] = []): string[] {
  return [...before, value];
}

function whole(option: string, max: number): (text: string) => number {
  return (text) => {
    const number = Number(text);
    if (/^\d+$/.test(text) && number >= 1 && number <= max) return number;
    const nearest = Math.min(max, Math.max(1, Math.round(number) || 1));
    throw new Complaint(
      `Expected ${option} to be a whole number from 1 to ${max}, got "${text}"; the nearest is ${nearest}.`,
    );
  };
}

function lane(text: string): Lane {
  const known = LANES.find((name) => name === text);
  if (known !== undefined) return known;
  throw new Complaint(
    `Expected --lane to be "sim" or "msw", got "${text}"${didYouMean(text, LANES)}`,
  );
}

function explain(text: string): { seed: number; call: number } {
  const [, seed, call] = /^(\d{1,9}):(\d{1,9})$/.exec(text) ?? [];
  if (Number(seed) >= 1 && Number(call) >= 1) return { seed: Number(seed), call: Number(call) };
  throw new Complaint(
    `Expected --explain to be SEED:CALL, both counted from 1, such as "1:500", got "${text}".`,
  );
}

/** Commander's "error: unknown option '--seed'\n(Did you mean --seeds?)" as a sentence. */
function sentence(message: string): string {
  const text = message
    .replace(/^error: /, "")
    .replace(/\s*\n\(Did you mean (.*)\?\)/, ", did you mean $1?");
  const capital = text.charAt(0).toUpperCase() + text.slice(1);
  return /[.?]$/.test(capital) ? capital : `${capital}; see --help.`;
}
