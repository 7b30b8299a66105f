/** Reading what others measured: every value as it is written, and every mistake told with its place. */
import { createHash } from "node:crypto";
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import fc from "fast-check";
import { afterAll, afterEach, describe, expect, test, vi } from "vitest";
import { Complaint } from "../../bench/complaint.ts";
import { type Column, clientColumn, timeColumn } from "../../bench/recording/cells.ts";
import { readRecording } from "../../bench/recording/recording.ts";

const folder = mkdtempSync(join(tmpdir(), "stormproof-recording-"));
afterAll(() => rmSync(folder, { recursive: true }));
afterEach(() => {
  vi.unstubAllEnvs();
});

function write(name: string, content: string | Uint8Array): string {
  writeFileSync(join(folder, name), content);
  return join(folder, name);
}

const SECONDS = [timeColumn("at", "s")];

async function read(name: string, content: string | Uint8Array, columns: Column[] = SECONDS) {
  const { values } = await readRecording(write(name, content), "load.file", columns);
  return values.map((column) => [...column]);
}

/** Without the folder. */
async function complaintOf(
  name: string,
  content: string | Uint8Array,
  columns: readonly Column[] = SECONDS,
  rowsMax?: number,
): Promise<string> {
  try {
    await readRecording(write(name, content), "load.file", columns, rowsMax);
  } catch (error) {
    expect(error).toBeInstanceOf(Complaint);
    return String(error instanceof Error && error.message).replaceAll(`${folder}/`, "");
  }
  return "no complaint";
}

describe("a recording is read as it is written", () => {
  test("CSV: columns by name, in any order, with spaces, quotes, empty lines and any line ends", async () => {
    const columns = [timeColumn("at", "s"), clientColumn("who"), timeColumn("took", "ms")];
    const text = 'took, who ,"at"\r\n12.5,anna,0.25\r\n\r\n"7","smith, ""b""",1e1\r\n0,anna,.5';
    expect(await read("a.csv", text, columns)).toEqual([
      [250, 10_000, 500],
      [0, 1, 0],
      [12.5, 7, 0],
    ]);
  });

  test("JSON lines: fields by name, whatever else is there", async () => {
    const columns = [timeColumn("at", "ms"), clientColumn("who")];
    const text =
      '{"at": 5, "who": "anna", "path": ["x"]}\n\n{"who": 7, "at": 3.5}\r\n{"at":0,"who":"7"}\n';
    for (const name of ["a.jsonl", "a.ndjson"]) {
      expect(await read(name, text, columns)).toEqual([
        [5, 3.5, 0],
        [0, 1, 1],
      ]);
    }
  });

  test("with a byte order mark, or without", async () => {
    expect(await read("a.csv", "\uFEFFat\n1\n")).toEqual([[1_000]]);
    expect(await read("a.jsonl", '\uFEFF{"at":1}')).toEqual([[1_000]]);
  });

  test("with what it takes to find it again: the hash of its bytes, and its rows", async () => {
    const text = "\uFEFFat\r\n1\r\n2\r\n";
    const { sha256, rows } = await readRecording(write("a.csv", text), "load.file", SECONDS);
    expect(sha256).toBe(createHash("sha256").update(text).digest("hex"));
    expect(rows).toBe(2);
  });

  test("through pieces: characters and lines that two of them share", async () => {
    // More than the 1 MiB that is read at once, with a letter of two bytes everywhere.
    const rows = Array.from({ length: 150_000 }, (_, index) => `ö${index % 5_000},${index}`);
    const columns = [timeColumn("at", "ms"), clientColumn("wer")];
    const [times, clients] = await read("a.csv", ["wer,at", ...rows].join("\n"), columns);
    expect(times).toEqual(rows.map((_, index) => index));
    expect(clients).toEqual(rows.map((_, index) => index % 5_000));
    const lines = rows.map((_, index) => `{"wer":"ö${index % 5_000}","at":${index}}`);
    expect((await read("a.jsonl", lines.join("\n"), [columns[0]]))[0]).toEqual(times);
  });
});

describe("a time is read in its unit", () => {
  test.each([
    ["s", "1.5", 1_500],
    ["ms", "1.5", 1.5],
    ["us", "1500", 1.5],
    ["ns", "1500000", 1.5],
    ["iso8601", "2021-01-15T16:00:00Z", 1_610_726_400_000],
    ["iso8601", "2021-01-15 16:00:00.25", 1_610_726_400_250],
    ["iso8601", "2021-01-15T17:00:00+01:00", 1_610_726_400_000],
    ["iso8601", "2021-01-15T17:00+0100", 1_610_726_400_000],
    ["iso8601", "2024-02-29T00:00:00z", 1_709_164_800_000],
  ] as const)("%s: %s", async (unit, text, ms) => {
    expect(await read("a.csv", `at\n${text}\n`, [timeColumn("at", unit)])).toEqual([[ms]]);
  });

  test("iso8601: finer than Date.parse", () => {
    const ms = timeColumn("at", "iso8601").read("2021-01-15T16:00:00.000123Z") ?? 0;
    // A date of today has 2^-12 ms in float64.
    expect(Math.abs(ms - 1_610_726_400_000 - 0.123)).toBeLessThan(2 ** -12);
  });

  test("iso8601: in UTC on every machine, unless the date says where it is", () => {
    vi.stubEnv("TZ", "America/New_York");
    const { read } = timeColumn("at", "iso8601");
    expect(new Date(0).getHours()).toBe(19);
    expect(read("2021-01-15T16:00:00")).toBe(1_610_726_400_000);
    expect(read("2021-01-15T11:00:00-05:00")).toBe(1_610_726_400_000);
  });

  test("whatever number it is", async () => {
    const number = fc.double({ min: 0, max: 1e15, noNaN: true });
    await fc.assert(
      fc.asyncProperty(fc.array(number, { minLength: 1 }), async (numbers) => {
        const [csv] = await read("a.csv", ["at", ...numbers].join("\n"), [timeColumn("at", "ms")]);
        const lines = numbers.map((at) => JSON.stringify({ at })).join("\n");
        const [json] = await read("a.jsonl", lines, [timeColumn("at", "ms")]);
        expect(csv).toEqual(numbers.map((value) => value + 0));
        expect(json).toEqual(csv);
      }),
      { seed: 1, numRuns: 50 },
    );
  });
});

describe("a mistake is told with file, line, column and what was expected", () => {
  const SECOND = 'Expected column "at" to say a number of seconds, 0 or more, got';
  const ISO = [timeColumn("at", "iso8601")];
  const DATE = 'Expected column "at" to say a date and time such as 2021-01-15T16:00:00Z, got';

  test.each<[string, string, string, string]>([
    ["a word", "a.csv", "at\n1\nsoon\n", `a.csv:3: ${SECOND} "soon".`],
    ["nothing", "a.csv", "at,b\n,2\n", `a.csv:2: ${SECOND} "".`],
    ["below zero", "a.csv", "at\n-1\n", `a.csv:2: ${SECOND} "-1".`],
    ["no number", "a.csv", "at\nNaN\n", `a.csv:2: ${SECOND} "NaN".`],
    ["no end", "a.csv", "at\nInfinity\n", `a.csv:2: ${SECOND} "Infinity".`],
    ["more than a number holds", "a.csv", "at\n1e999\n", `a.csv:2: ${SECOND} "1e999".`],
    ["another base", "a.csv", "at\n0x10\n", `a.csv:2: ${SECOND} "0x10".`],
    ["after a quoted line end", "a.csv", 'b,at\n"1\n2",x\n', `a.csv:3: ${SECOND} "x".`],
    ["a field that is not there", "a.jsonl", '{"at":1}\n{"t":1}', `a.jsonl:2: ${SECOND} nothing.`],
    ["null", "a.jsonl", '{"at":null}', `a.jsonl:1: ${SECOND} null.`],
    [
      "a column that is not there",
      "a.csv",
      "time,att\n1,2\n",
      'a.csv:1: Expected a column "at" in the first line, got "time", "att", did you mean "att"?',
    ],
    ["a column twice", "a.csv", "at,at\n1,2\n", 'a.csv:1: Expected one column "at", got two.'],
    [
      "a cell too many",
      "a.csv",
      "at\n1\n2,3\n",
      "a.csv:3: Expected CSV: Invalid Record Length: expect 1, got 2 on line 3.",
    ],
    [
      "a quote that stays open",
      "a.csv",
      'at\n1\n"2\n3\n',
      "a.csv:4: Expected CSV: Quote Not Closed: the parsing is finished with an opening quote at line 4.",
    ],
    [
      "no JSON",
      "a.jsonl",
      '{"at":1}\n{"at":}\n',
      'a.jsonl:2:7: Expected JSON, got "}" (value expected).',
    ],
    ["no object", "a.jsonl", "17\n", "a.jsonl:1: Expected an object in { } on each line, got 17."],
    ["no rows", "a.csv", "at\n", "a.csv: Expected rows, got none."],
    ["nothing at all", "a.csv", "", "a.csv: Expected rows, got none."],
    ["no lines", "a.jsonl", "\n\n", "a.jsonl: Expected rows, got none."],
  ])("%s", async (_what, name, content, complaint) => {
    expect(await complaintOf(name, content)).toBe(complaint);
  });

  test.each(["16:00", "2021-01-15", "2021-02-30T16:00:00Z", "2021-13-01T16:00Z", "1610726400"])(
    "no date and time: %s",
    async (text) => {
      expect(await complaintOf("a.csv", `at\n${text}\n`, ISO)).toBe(`a.csv:2: ${DATE} "${text}".`);
    },
  );

  test("nobody who calls", async () => {
    const complaint = await complaintOf("a.csv", "at,who\n1,\n", [clientColumn("who")]);
    expect(complaint).toBe('a.csv:2: Expected column "who" to say who calls, got "".');
  });

  test("a column that is not there, among many", async () => {
    const header = Array.from({ length: 300 }, (_, index) => `column${index}`).join(",");
    expect(await complaintOf("a.csv", `${header}\n`, [timeColumn("column299x", "s")])).toMatch(
      /got "column0", .*"column7", …, did you mean "column299"\?$/,
    );
  });

  test("one JSON document", async () => {
    expect(await complaintOf("a.json", '[{"at":1}]')).toBe(
      'Expected load.file to be CSV (.csv) or an object a line (.jsonl), got "a.json".',
    );
  });

  test("more rows than can be held", async () => {
    expect(await complaintOf("a.csv", "at\n1\n2\n3\n", SECONDS, 2)).toBe(
      "a.csv:4: Expected at most 2 rows; use a part of it.",
    );
  });

  test("a line without end", async () => {
    const long = "1".repeat(3 * 2 ** 20);
    expect(await complaintOf("a.jsonl", `{"at":1}\n${long}`)).toBe(
      "a.jsonl:2: Expected shorter lines, got more than 1 MiB.",
    );
    expect(await complaintOf("a.csv", `at\n${long}`)).toMatch(
      /^a\.csv:2: Expected CSV: Max Record/,
    );
  });

  test("bytes that are no text", async () => {
    const bytes = Uint8Array.from([0x1f, 0x8b, 0x08, 0xff]);
    expect(await complaintOf("a.csv", bytes)).toBe(
      "a.csv: Expected text in UTF-8, got other bytes.",
    );
  });

  test("a folder", async () => {
    mkdirSync(join(folder, "folder"));
    const reading = readRecording(join(folder, "folder"), "load.file", SECONDS);
    await expect(reading).rejects.toThrow(
      /^Expected load\.file to be a file, got the folder ".*"\.$/,
    );
  });
});

test("the example in test/recording has what its scenario says", async () => {
  const path = new URL("./checkout.csv", import.meta.url).pathname;
  const columns = [timeColumn("at", "iso8601"), clientColumn("user"), timeColumn("took_ms", "ms")];
  const { rows } = await readRecording(path, "load.file", columns);
  expect(rows).toBe(readFileSync(path, "utf8").trim().split("\n").length - 1);
});
