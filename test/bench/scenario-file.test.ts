/** What is said of a scenario file that cannot be read: the line, the column, and what was expected there. */
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, describe, expect, test } from "vitest";
import { Complaint } from "../../bench/complaint.ts";
import { readScenarioFile } from "../../bench/scenario-file.ts";
import { defineScenario } from "../../src/scenario.ts";

const folder = mkdtempSync(join(tmpdir(), "stormproof-scenario-file-"));
afterAll(() => rmSync(folder, { recursive: true }));

const GOOD = `{
  "$schema": "../scenario.schema.json",
  "name": "own",
  "shows": "A scenario of one's own.",
  "runMs": 1000,
  "load": { "kind": "closed", "thinkMs": 100 },
  "server": { "queue": { "places": 7 } }
}`;

function write(content: string | Uint8Array): string {
  const path = join(folder, "own.json");
  writeFileSync(path, content);
  return path;
}

/** Without the folder. */
async function complaintOf(path: string): Promise<string> {
  try {
    await readScenarioFile(path);
  } catch (error) {
    expect(error).toBeInstanceOf(Complaint);
    return String(error instanceof Error && error.message).replaceAll(`${folder}/`, "");
  }
  return "no complaint";
}

describe("a scenario file", () => {
  test("is what it would be in code, and may say where its schema is", async () => {
    const { $schema: _, ...input } = JSON.parse(GOOD);
    expect(await readScenarioFile(write(GOOD))).toEqual(defineScenario(input));
  });

  test("may begin with a byte order mark", async () => {
    expect((await readScenarioFile(write(`\uFEFF${GOOD}`))).name).toBe("own");
    expect(await complaintOf(write("\uFEFF{,}"))).toMatch(/^own\.json:1:2: /);
  });
});

describe("a mistake in it is told with its place", () => {
  test.each<[string, string, string, string]>([
    [
      "a comma too many",
      '"own",',
      '"own",,',
      '3:17: Expected JSON, got "," (property name expected).',
    ],
    [
      "a comma too few",
      '"own",',
      '"own"',
      '4:3: Expected JSON, got "\\"shows\\"" (comma expected).',
    ],
    [
      "a comment",
      '"own",',
      '"own", // mine',
      '3:18: Expected JSON, got "// mine" (invalid comment token).',
    ],
    ["no end", "7 } }\n}", "7 } }", "7:41: Expected JSON, got the end (close brace expected)."],
    ["a word more", "7 } }\n}", "7 } }\n} end", '8:3: Expected JSON, got "end" (invalid symbol).'],
    ["nothing", GOOD, "", "1:1: Expected JSON, got the end (value expected)."],
    ["a key twice", '"runMs"', '"name"', '5:3: Expected each key once, got "name" again.'],
    [
      "an unknown key",
      '"places"',
      '"place"',
      '7:26: Scenario "own": server.queue: unknown key "place"; did you mean "places"?',
    ],
    [
      "a wrong value",
      "1000",
      '"1000"',
      '5:3: Scenario "own": runMs: expected a number, got "1000": leave the quotes out.',
    ],
    [
      "what is missing: what should have it",
      ', "thinkMs": 100',
      "",
      '6:3: Scenario "own": load.thinkMs: expected a number, got nothing.',
    ],
    ["no object", GOOD, "[1]", '1:1: Scenario "unnamed": expected an object in { }, got [1].'],
  ])("%s", async (_what, from, to, complaint) => {
    expect(await complaintOf(write(GOOD.replace(from, to)))).toBe(`own.json:${complaint}`);
  });

  test("lists in lists without end", async () => {
    expect(await complaintOf(write("[".repeat(200_000)))).toBe(
      "own.json: Expected JSON, got lists or objects too deep to read.",
    );
  });
});

describe("what is no such file is told", () => {
  test("a folder", async () => {
    const path = join(folder, "folder.json");
    mkdirSync(path);
    expect(await complaintOf(path)).toBe(
      'Expected --scenario to be a file, got the folder "folder.json".',
    );
  });

  test("another name", async () => {
    write(GOOD);
    expect(await complaintOf(join(folder, "won.json"))).toBe(
      'Expected --scenario to be a file, got "won.json", did you mean "own.json"?',
    );
  });

  test("more than a scenario can be", async () => {
    expect(await complaintOf(write(" ".repeat(17 * 2 ** 20)))).toBe(
      "own.json: Expected at most 16 MiB, got 17 MiB.",
    );
  });

  test("text that is not UTF-8", async () => {
    expect(await complaintOf(write(Buffer.from(`\uFEFF${GOOD}`, "utf16le")))).toBe(
      "own.json: Expected text in UTF-8, got other bytes; save it as UTF-8.",
    );
  });
});
