/** What every command line of the bench has in common: options only, and one sentence for what is wrong. */
import { type Command, CommanderError } from "commander";
import { Complaint } from "./complaint.ts";

/**
 * @returns the help text when that was asked for; else the options are in `command.opts()`
 * @throws {Complaint}
 */
export function parse(command: Command, argv: readonly string[]): string | undefined {
  command
    .allowExcessArguments()
    .configureOutput({ writeOut: () => {}, writeErr: () => {} })
    .exitOverride();
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
  return undefined;
}

/** Of an option that may be repeated. */
export function append(value: string, before: readonly string[] = []): string[] {
  return [...before, value];
}

/** Of an option that is a count. */
export function whole(option: string, max: number): (text: string) => number {
  return (text) => {
    const number = Number(text);
    if (/^\d+$/.test(text) && number >= 1 && number <= max) return number;
    const nearest = Math.min(max, Math.max(1, Math.round(number) || 1));
    throw new Complaint(
      `Expected ${option} to be a whole number from 1 to ${max}, got "${text}"; the nearest is ${nearest}.`,
    );
  };
}

/** Commander's "error: unknown option '--seed'\n(Did you mean --seeds?)" as a sentence. */
function sentence(message: string): string {
  const text = message
    .replace(/^error: /, "")
    .replace(/\s*\n\(Did you mean (.*)\?\)/, ", did you mean $1?");
  const capital = text.charAt(0).toUpperCase() + text.slice(1);
  return /[.?]$/.test(capital) ? capital : `${capital}; see --help.`;
}
