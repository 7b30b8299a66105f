/** What is told to someone who asked for something that cannot be done: one sentence, exit code 2. */
import { closest } from "fastest-levenshtein";

export class Complaint extends Error {
  override readonly name = "Complaint";

  /** Whatever a message was made of (a policy's source text, zod's lines), it is told in one line. */
  constructor(message: string) {
    const line = message.replace(/\s+/g, " ").trim();
    super(line.length > LENGTH_MAX ? `${line.slice(0, LENGTH_MAX - 1)}…` : line);
  }
}

const LENGTH_MAX = 500;

/** `, did you mean "budgeted"?`, or nothing when there are no names. */
export function didYouMean(got: string, names: readonly string[]): string {
  return names.length === 0 ? "." : `, did you mean "${closest(got, names)}"?`;
}

export function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
