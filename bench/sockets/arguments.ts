/** What was asked for on the command line. */
import { Command } from "commander";
import type { Scenario } from "../../src/scenario.ts";
import { append, parse, whole } from "../command-line.ts";
import { Complaint, didYouMean } from "../complaint.ts";
import { socketScenarios } from "./scenarios.ts";

export interface Arguments {
  readonly scenarios: readonly Scenario[];
  readonly policies: readonly string[];
  readonly seed: number;
  readonly smoke: boolean;
  readonly json?: string;
}

/** One that never retries, one without a budget, and the one this project stands for. */
const POLICIES = ["none", "exponential", "vetted"];

/**
 * @returns the arguments, or the help text when that was asked for
 * @throws {Complaint}
 */
export function readArguments(argv: readonly string[]): Arguments | string {
  const command = describe();
  const help = parse(command, argv);
  if (help !== undefined) return help;
  const given = command.opts();
  return {
    scenarios: chosen(given.scenario ?? []),
    policies: given.policy ?? POLICIES,
    seed: given.seed,
    smoke: given.smoke === true,
    json: given.json,
  };
}

function describe(): Command {
  return new Command("pnpm bench:sockets")
    .description(
      "Runs policies in the simulator and through real sockets of this machine, in real time, and prints how far apart the two are.",
    )
    .option("-s, --scenario <name>", "only this one; may be repeated", append)
    .option(
      "-p, --policy <name|file>",
      `this one instead of ${POLICIES.join(", ")}; may be repeated`,
      append,
    )
    .option("--seed <number>", "of both worlds", whole("--seed", 1e9), 1)
    .option("--json <file>", "write the results there too (see docs/bench-sockets-json.md)")
    .option("--smoke", "so short that only the shape means something");
}

function chosen(names: readonly string[]): readonly Scenario[] {
  const known = socketScenarios.map(({ name }) => name);
  for (const name of names) {
    if (known.includes(name)) continue;
    throw new Complaint(
      `Expected --scenario to be one of ${known.join(", ")}, got "${name}"${didYouMean(name, known)}`,
    );
  }
  return socketScenarios.filter(({ name }) => names.length === 0 || names.includes(name));
}
