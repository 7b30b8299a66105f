/** A plain CSV file, without quotes; lines that begin with # are remarks. */
import { readFileSync } from "node:fs";

export function readCsv(url: URL): readonly Readonly<Record<string, string>>[] {
  const lines = readFileSync(url, "utf8")
    .split("\n")
    .filter((line) => line !== "" && !line.startsWith("#"));
  const [names, ...rows] = lines.map((line) => line.split(","));
  return rows.map((row) => Object.fromEntries(names.map((name, column) => [name, row[column]])));
}
