/** What was asked for on the command line. */
import { availableParallelism } from "node:os";
import { Command } from "commander";
import { append, parse, whole } from "./command-line.ts";
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
  const help = parse(command, argv);
  if (help !== undefined) return help;
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
      "only this one, or one of your own (JSON, see docs/scenarios.md); may be repeated",
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
    .option("--list", "the scenarios and policies there are");
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
