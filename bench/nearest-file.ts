import { readdirSync } from "node:fs";
import { basename, dirname } from "node:path";
import { didYouMean } from "./complaint.ts";

/** What to say after a path at which there is no file: another file of its folder, or that there is no folder. */
export function nearestFile(path: string): string {
  const folder = dirname(path);
  try {
    const files = readdirSync(folder, { withFileTypes: true }).filter((entry) => entry.isFile());
    return didYouMean(
      basename(path),
      files.map(({ name }) => name),
    );
  } catch {
    return `: there is no folder "${folder}".`;
  }
}
