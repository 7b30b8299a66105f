/** What others measured: the columns of a CSV or JSON lines file. */
import { createHash } from "node:crypto";
import { Complaint } from "../complaint.ts";
import { expectFile } from "../text-file.ts";
import type { Column } from "./cells.ts";
import { readCsvRows } from "./csv-rows.ts";
import { GrowingNumbers } from "./growing-numbers.ts";
import { readJsonRows } from "./json-rows.ts";
import { textOf } from "./text-of.ts";

export interface Recording {
  readonly sha256: string;
  readonly rows: number;
  /** For each column that was asked for, a number for each row. */
  readonly values: readonly Float64Array[];
}

const ROWS_MAX = 50_000_000;

/** @throws {Complaint} naming file, line and column, and what was expected there */
export async function readRecording(
  path: string,
  what: string,
  columns: readonly Column[],
  rowsMax = ROWS_MAX,
): Promise<Recording> {
  expectFile(path, what);
  if (/\.json$/i.test(path)) {
    throw new Complaint(
      `Expected ${what} to be CSV (.csv) or an object a line (.jsonl), got "${path}".`,
    );
  }
  const hash = createHash("sha256");
  const values = columns.map(() => new GrowingNumbers());
  let rows = 0;
  const readRows = /\.(jsonl|ndjson)$/i.test(path) ? readJsonRows : readCsvRows;
  const names = columns.map(({ name }) => name);
  await readRows(path, textOf(path, hash), names, (cells, line) => {
    rows++;
    if (rows > rowsMax) {
      throw new Complaint(`${path}:${line}: Expected at most ${rowsMax} rows; use a part of it.`);
    }
    for (const [index, { name, read, expected }] of columns.entries()) {
      const value = read(cells[index]);
      if (value === undefined) {
        throw new Complaint(
          `${path}:${line}: Expected column "${name}" to say ${expected}, got ${JSON.stringify(cells[index]) ?? "nothing"}.`,
        );
      }
      values[index].push(value);
    }
  });
  if (rows === 0) throw new Complaint(`${path}: Expected rows, got none.`);
  return { sha256: hash.digest("hex"), rows, values: values.map(({ all }) => all) };
}
