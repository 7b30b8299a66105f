/** Runs a program in a process of its own, with a heap of its own, and takes its word for what it measured. */
import { spawn } from "node:child_process";
import { once } from "node:events";
import { basename } from "node:path";
import { text } from "node:stream/consumers";
import { fileURLToPath } from "node:url";
import type { z } from "zod";
import { ENGINE_FLAGS } from "./engine-flags.ts";

export interface Program {
  readonly command: string;
  readonly args: readonly string[];
}

/** A module, told its task. What runs the simulator does so under the V8 options of the bench. */
export function ownProgram(
  module: URL,
  task: object,
  flags: readonly string[] = ENGINE_FLAGS,
): Program {
  const args = [...flags, fileURLToPath(module), JSON.stringify(task)];
  return { command: process.execPath, args };
}

/** The task that `ownProgram` was given. */
export function taskOf<Task>(schema: z.ZodType<Task>): Task {
  return schema.parse(JSON.parse(process.argv[2]));
}

const SURROUNDINGS = {
  PYTHONDONTWRITEBYTECODE: "1",
  // Large arrays on huge pages, where glibc has that: https://sourceware.org/glibc/manual/latest/html_node/Memory-Allocation-Tunables.html
  GLIBC_TUNABLES: "glibc.malloc.hugetlb=1",
};

/**
 * @param signal ends the program when it aborts
 * @returns what the program wrote, which is JSON
 * @throws {ProgramFailure} with the last line of the program's complaint
 */
export async function runProgram<Report>(
  { command, args }: Program,
  schema: z.ZodType<Report>,
  signal: AbortSignal,
): Promise<Report> {
  const child = spawn(command, args, {
    stdio: ["ignore", "pipe", "pipe"],
    env: { ...process.env, ...SURROUNDINGS },
    signal,
  });
  const [stdout, stderr, [code, killedBy]] = await Promise.all([
    text(child.stdout),
    text(child.stderr),
    once(child, "close"),
  ]);
  if (code === 0) return schema.parse(JSON.parse(stdout));
  const program = args.map((arg) => basename(arg)).find((name) => /\.(ts|py)$/.test(name));
  const last = stderr.trim().split("\n").at(-1) ?? "";
  throw new ProgramFailure(
    `Expected ${program} to measure something, got ${killedBy ?? `exit code ${code}`}: ${last}`,
  );
}

/** A program ended without having measured anything. */
export class ProgramFailure extends Error {
  override readonly name = "ProgramFailure";
}
