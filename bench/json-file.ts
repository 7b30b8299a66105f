/** Writes `--json`: whole or not at all. */
import { renameSync, rmSync, statSync, writeFileSync } from "node:fs";
import { dirname, resolve } from "node:path";
import { Complaint, messageOf } from "./complaint.ts";

/**
 * Tried before the work starts, so that minutes of it are not lost at the end.
 *
 * @throws {Complaint}
 */
export function expectWritable(path: string): void {
  if (path === "") throw new Complaint('Expected --json to be the path of a file, got "".');
  if (statSync(path, { throwIfNoEntry: false })?.isDirectory()) {
    throw new Complaint(`Expected --json to be a file, got the folder "${path}".`);
  }
  if (isSpecial(path)) return;
  try {
    writeFileSync(partOf(path), "");
  } catch (error) {
    throw complaintOf(path, error);
  } finally {
    rmSync(partOf(path), { force: true });
  }
}

/** @throws {Complaint} */
export function writeJson(path: string, value: object): void {
  const text = `${JSON.stringify(value, null, 2)}\n`;
  try {
    if (isSpecial(path)) writeFileSync(path, text);
    else {
      writeFileSync(partOf(path), text);
      renameSync(partOf(path), path);
    }
  } catch (error) {
    throw complaintOf(path, error);
  } finally {
    rmSync(partOf(path), { force: true });
  }
}

/** Beside it, so that renaming stays on one disk. */
function partOf(path: string): string {
  return `${path}.${process.pid}.tmp`;
}

/** Such as /dev/stdout: there is nothing to rename to. */
function isSpecial(path: string): boolean {
  const stat = statSync(path, { throwIfNoEntry: false });
  return stat !== undefined && !stat.isFile();
}

function complaintOf(path: string, error: unknown): Complaint {
  const reason = messageOf(error).replace(/^(\w+: [^,]+),.*$/s, "$1");
  return new Complaint(
    `Expected --json to be a file that can be written, got "${path}" (${reason}); the nearest folder that exists is "${nearestFolder(path)}".`,
  );
}

function nearestFolder(path: string): string {
  let folder = dirname(resolve(path));
  while (statSync(folder, { throwIfNoEntry: false })?.isDirectory() !== true)
    folder = dirname(folder);
  return folder;
}
