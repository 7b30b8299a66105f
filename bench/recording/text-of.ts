import type { Hash } from "node:crypto";
import { createReadStream } from "node:fs";
import { Complaint, messageOf } from "../complaint.ts";

const CHUNK_BYTES = 2 ** 20;

/**
 * The text of a file of any size, piece by piece; its bytes go into the hash.
 *
 * @throws {Complaint}
 */
export async function* textOf(path: string, hash: Hash): AsyncGenerator<string> {
  const decoder = new TextDecoder("utf-8", { fatal: true });
  const decode = (bytes?: Buffer) => {
    try {
      return decoder.decode(bytes, { stream: bytes !== undefined });
    } catch {
      throw new Complaint(`${path}: Expected text in UTF-8, got other bytes.`);
    }
  };
  try {
    for await (const bytes of createReadStream(path, { highWaterMark: CHUNK_BYTES })) {
      hash.update(bytes);
      yield decode(bytes);
    }
    yield decode();
  } catch (error) {
    if (error instanceof Complaint) throw error;
    throw new Complaint(`Expected a file that can be read, got "${path}": ${messageOf(error)}.`);
  }
}
