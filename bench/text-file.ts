import { readFileSync, type Stats, statSync } from "node:fs";
import { Complaint, messageOf } from "./complaint.ts";
import { nearestFile } from "./nearest-file.ts";

/**
 * The text of a file in UTF-8, without the byte order mark that some editors begin it with.
 *
 * @param what asked for the file, such as "--scenario"
 * @throws {Complaint}
 */
export function readTextFile(path: string, what: string, bytesMax: number): string {
  const { size } = expectFile(path, what);
  if (size > bytesMax) {
    const mib = (bytes: number) => `${Math.ceil(bytes / 2 ** 20)} MiB`;
    throw new Complaint(`${path}: Expected at most ${mib(bytesMax)}, got ${mib(size)}.`);
  }
  const bytes = readBytes(path, what);
  try {
    return new TextDecoder("utf-8", { fatal: true }).decode(bytes);
  } catch {
    throw new Complaint(`${path}: Expected text in UTF-8, got other bytes; save it as UTF-8.`);
  }
}

/** @throws {Complaint} */
export function expectFile(path: string, what: string): Stats {
  const stats = statSync(path, { throwIfNoEntry: false });
  if (stats === undefined) {
    throw new Complaint(`Expected ${what} to be a file, got "${path}"${nearestFile(path)}`);
  }
  if (stats.isDirectory()) {
    throw new Complaint(`Expected ${what} to be a file, got the folder "${path}".`);
  }
  return stats;
}

function readBytes(path: string, what: string): Buffer {
  try {
    return readFileSync(path);
  } catch (error) {
    throw new Complaint(
      `Expected ${what} to be a file that can be read, got "${path}": ${messageOf(error)}.`,
    );
  }
}
