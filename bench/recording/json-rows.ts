import { Complaint } from "../complaint.ts";
import { JsonText } from "../json-text.ts";
import { ROW_LENGTH_MAX, type RowReader } from "./rows.ts";

/** An object a line, https://jsonlines.org */
export const readJsonRows: RowReader = async (path, text, names, onRow) => {
  let line = 0;
  for await (const content of linesOf(path, text)) {
    line++;
    if (content.trim() === "") continue;
    const row = parsed(path, content, line);
    onRow(
      names.map((name) => Reflect.get(row, name)),
      line,
    );
  }
};

function parsed(path: string, text: string, line: number): object {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    // Slower, and knows where the mistake is.
    value = new JsonText(path, text, line).value;
  }
  if (typeof value === "object" && value !== null) return value;
  throw new Complaint(`${path}:${line}: Expected an object in { } on each line, got ${text}.`);
}

async function* linesOf(path: string, text: AsyncIterable<string>): AsyncGenerator<string> {
  let line = 0;
  let rest = "";
  for await (const piece of text) {
    const lines = (rest + piece).split("\n");
    rest = lines.pop() ?? "";
    line += lines.length;
    if (rest.length > ROW_LENGTH_MAX) {
      throw new Complaint(`${path}:${line + 1}: Expected shorter lines, got more than 1 MiB.`);
    }
    yield* lines;
  }
  yield rest;
}
