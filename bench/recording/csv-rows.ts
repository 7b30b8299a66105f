import { Writable } from "node:stream";
import { pipeline } from "node:stream/promises";
import { CsvError, parse } from "csv-parse";
import { Complaint, didYouMean } from "../complaint.ts";
import { ROW_LENGTH_MAX, type RowReader } from "./rows.ts";

/** CSV by RFC 4180, https://www.rfc-editor.org/rfc/rfc4180, with a first line of names. */
export const readCsvRows: RowReader = async (path, text, names, onRow) => {
  let places: number[] | undefined;
  const parser = parse({
    skip_empty_lines: true,
    trim: true,
    max_record_size: ROW_LENGTH_MAX,
    on_record: (cells: readonly string[], { lines }) => {
      if (places === undefined) places = placesOf(path, names, cells);
      else
        onRow(
          places.map((place) => cells[place]),
          lines,
        );
      return null;
    },
  });
  const nothing = new Writable({ objectMode: true, write: (_row, _encoding, done) => done() });
  try {
    await pipeline(text, parser, nothing);
  } catch (error) {
    if (!(error instanceof CsvError)) throw error;
    throw new Complaint(`${path}:${Number(error.lines)}: Expected CSV: ${error.message}.`);
  }
};

const NAMES_SHOWN = 8;

function placesOf(path: string, names: readonly string[], header: readonly string[]): number[] {
  return names.map((name) => {
    const place = header.indexOf(name);
    if (place < 0) {
      const some = header.slice(0, NAMES_SHOWN).map((other) => `"${other}"`);
      const more = header.length > NAMES_SHOWN ? ", …" : "";
      throw new Complaint(
        `${path}:1: Expected a column "${name}" in the first line, got ${some.join(", ")}${more}${didYouMean(name, header)}`,
      );
    }
    if (header.indexOf(name, place + 1) >= 0) {
      throw new Complaint(`${path}:1: Expected one column "${name}", got two.`);
    }
    return place;
  });
}
