/** JSON that knows where in its file each value stands. */
import {
  findNodeAtLocation,
  getNodeValue,
  type Node,
  type ParseError,
  parseTree,
  printParseErrorCode,
} from "jsonc-parser";
import { Complaint } from "./complaint.ts";

export class JsonText {
  readonly #path: string;
  readonly #text: string;
  readonly #line: number;
  readonly #root: Node;

  /**
   * @param line of the file at which the text begins
   * @throws {Complaint} when the text is not JSON, or an object has a key twice
   */
  constructor(path: string, text: string, line = 1) {
    this.#path = path;
    this.#line = line;
    this.#text = text;
    this.#root = this.#parse();
    this.#expectKeysOnce(this.#root);
  }

  get value(): unknown {
    return getNodeValue(this.#root);
  }

  /** `file:line:column` of the value at this path; of the nearest around it that there is, when there is none. */
  placeOf(path: readonly PropertyKey[]): string {
    const segments = path.filter((segment) => typeof segment !== "symbol");
    for (let length = segments.length; length > 0; length--) {
      const node = findNodeAtLocation(this.#root, segments.slice(0, length));
      const isMember = node?.parent?.type === "property";
      if (node !== undefined) return this.#place((isMember ? node.parent : node)?.offset ?? 0);
    }
    return this.#place(this.#root.offset);
  }

  #parse(): Node {
    const errors: ParseError[] = [];
    let root: Node | undefined;
    try {
      root = parseTree(this.#text, errors, { disallowComments: true });
    } catch (error) {
      if (!(error instanceof RangeError)) throw error;
      throw new Complaint(`${this.#path}: Expected JSON, got lists or objects too deep to read.`);
    }
    const [error] = errors;
    if (error === undefined && root !== undefined) return root;
    const offset = error?.offset ?? 0;
    // "CommaExpected" is what the parser calls it.
    const reason = printParseErrorCode(error?.error ?? 0).replaceAll(/(?<=.)[A-Z]/g, " $&");
    const got = this.#text.slice(offset, offset + Math.max(1, error?.length ?? 0)).slice(0, 20);
    throw new Complaint(
      `${this.#place(offset)}: Expected JSON, got ${got === "" ? "the end" : JSON.stringify(got)} (${reason.toLowerCase()}).`,
    );
  }

  /** JSON.parse would take the last without a word. */
  #expectKeysOnce(node: Node): void {
    const seen = new Set<unknown>();
    for (const child of node.children ?? []) {
      if (node.type === "object") {
        const [{ value: key }] = child.children ?? [];
        if (seen.has(key)) {
          throw new Complaint(
            `${this.#place(child.offset)}: Expected each key once, got "${key}" again.`,
          );
        }
        seen.add(key);
      }
      this.#expectKeysOnce(child);
    }
  }

  #place(offset: number): string {
    const before = this.#text.slice(0, offset).split("\n");
    const column = before[before.length - 1].length + 1;
    return `${this.#path}:${this.#line + before.length - 1}:${column}`;
  }
}
