/** How large a jar, and how full at first: every pair in every storm, and a table of them. */
import { availableParallelism } from "node:os";
import { plainTable } from "../table.ts";
import { runTasks } from "../workers.ts";
import { columns } from "./storms.ts";
import type { Trial } from "./try-jar.ts";

/** What has a row: a jar, or what there is without one. */
export type Row =
  | "none"
  | "no budget"
  | { readonly tokensMax: number; readonly tokensInitial: number };

const SIZES = [1, 2, 3, 5, 10];

/** @param seeds over how many every number is a mean */
export async function jarsTable(seeds: number): Promise<string> {
  const rows: Row[] = ["none", "no budget", ...SIZES.flatMap(jarsOf)];
  const trials: Trial[] = rows.flatMap((row) =>
    columns.map((_, column) => ({ row, column, seeds })),
  );
  const crew = {
    module: new URL("try-jar.ts", import.meta.url),
    runtime: "worker_threads",
    workers: availableParallelism(),
  } as const;
  const done = await runTasks<Trial, { cell: string }>(
    crew,
    trials,
    new AbortController().signal,
    () => {},
  );
  const lines = rows.map((row, at) => {
    const cells = done.slice(at * columns.length, (at + 1) * columns.length);
    return [nameOf(row), ...cells.map(({ cell }) => cell)];
  });
  return plainTable(["tokens:\nmax, first", ...columns.map(({ head }) => head)], lines);
}

function jarsOf(tokensMax: number): Row[] {
  return Array.from({ length: tokensMax + 1 }, (_, tokensInitial) => ({
    tokensMax,
    tokensInitial,
  }));
}

function nameOf(row: Row): string {
  return typeof row === "string" ? row : `${row.tokensMax}, ${row.tokensInitial}`;
}
