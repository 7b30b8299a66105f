/** A scenario file that replays another file: what becomes of it, and that it runs the same in both worlds. */
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, describe, expect, test } from "vitest";
import { Complaint } from "../../bench/complaint.ts";
import { inOwnMemory } from "../../bench/recording/in-own-memory.ts";
import { readScenarioFile } from "../../bench/scenario-file.ts";
import { registry } from "../../policies/index.ts";
import { defineScenario, type Scenario } from "../../src/scenario.ts";
import { difference, makeOptions } from "../parity/lanes.ts";

const folder = mkdtempSync(join(tmpdir(), "stormproof-replays-"));
afterAll(() => rmSync(folder, { recursive: true }));

const EXAMPLE = new URL("./checkout.json", import.meta.url).pathname;
const CSV = "at,who,took\n1.5,anna,7\n0.25,ben,3\n1.5,carl,50\n9,anna,1\n0.5,ben,9\n";

async function read(
  load: object,
  service: object = {},
  csv = CSV,
  ...downstream: object[]
): Promise<Scenario> {
  writeFileSync(join(folder, "own.csv"), csv);
  const file = { file: "own.csv", timeColumn: "at", timeUnit: "s" };
  const scenario = {
    name: "own",
    shows: "A recording.",
    runMs: 5_000,
    load: { kind: "replay", ...file, ...load },
    server: { service: { distribution: "replay", ...file, timeColumn: "took", ...service } },
    downstream,
  };
  writeFileSync(join(folder, "own.json"), JSON.stringify(scenario, null, 2));
  return await readScenarioFile(join(folder, "own.json"));
}

async function recorded(...given: Parameters<typeof read>) {
  const { load } = await read(...given);
  if (load.kind !== "recorded") throw new Error("It is not recorded.");
  return { atMs: [...load.atMs], clients: load.clients && [...load.clients], source: load.source };
}

/** Without the folder. */
async function complaintOf(...given: Parameters<typeof read>): Promise<string> {
  try {
    await read(...given);
  } catch (error) {
    expect(error).toBeInstanceOf(Complaint);
    return String(error instanceof Error && error.message).replaceAll(`${folder}/`, "");
  }
  return "no complaint";
}

describe("a replayed load", () => {
  test("begins with the earliest time, in order of time, and ends with the run", async () => {
    const { atMs, clients } = await recorded({});
    // Nine seconds in the file are 8.75 after the earliest.
    expect(atMs).toEqual([0, 250, 1_250, 1_250]);
    expect(clients).toBeUndefined();
  });

  test("begins where it is told to, without what was earlier", async () => {
    expect((await recorded({ timeZero: 0 })).atMs).toEqual([250, 500, 1_500, 1_500]);
    expect((await recorded({ timeZero: 1 })).atMs).toEqual([500, 500]);
  });

  test("numbers its clients as they first call, rows of one time in the order of the file", async () => {
    expect((await recorded({ clientColumn: "who" })).clients).toEqual([0, 0, 1, 2]);
    expect((await recorded({ clientColumn: "who", timeZero: 1 })).clients).toEqual([0, 1]);
  });

  test("is exact to the microsecond, where dates are large numbers", async () => {
    const csv = "at,took\n1610726400.000001,1\n1610726400.000003,1\n1610726401.1,1\n";
    const { atMs } = await recorded({}, {}, csv);
    expect(atMs).toEqual([0, 0.002, 1_100 - 0.001]);
  });

  test("says which file it was, and how many rows that had", async () => {
    const { source } = await recorded({});
    expect(source).toEqual({ file: "own.csv", rows: 5, sha256: expect.stringMatching(/^\w{64}$/) });
  });
});

describe("a replayed service", () => {
  test("has the times of all rows, whenever they were, and their mean", async () => {
    const { service } = (await read({}, { timeUnit: "ms" })).server;
    expect(service).toMatchObject({ distribution: "recorded", meanMs: 14 });
    expect("serviceMs" in service && [...service.serviceMs]).toEqual([7, 3, 50, 1, 9]);
  });

  test("may be scaled to another mean", async () => {
    const { service } = (await read({}, { timeUnit: "ms", meanMs: 28 })).server;
    expect(service.meanMs).toBe(28);
  });
});

test("a layer below may replay its own file", async () => {
  const { downstream } = await read({}, {}, CSV, {
    name: "store",
    server: {
      service: { distribution: "replay", file: "own.csv", timeColumn: "took", timeUnit: "ms" },
    },
  });
  expect(downstream[0].server.service).toMatchObject({ distribution: "recorded", meanMs: 14 });
});

describe("a mistake is told", () => {
  test("another file", async () => {
    expect(await complaintOf({ file: "won.csv" })).toBe(
      'Expected load.file of own.json to be a file, got "won.csv", did you mean "own.csv"?',
    );
    expect(await complaintOf({}, { file: "nowhere/own.csv" })).toBe(
      'Expected server.service.file of own.json to be a file, got "nowhere/own.csv": there is no folder "nowhere".',
    );
  });

  test("no time in the run", async () => {
    expect(await complaintOf({ timeZero: 1e6 })).toBe(
      "own.csv: Expected times within 5000 ms of load.timeZero, got none in 5 rows.",
    );
  });

  test("a beginning that is no time", async () => {
    expect(await complaintOf({ timeZero: -5 })).toBe(
      'own.json: Expected load.timeZero to be a number of seconds, 0 or more, got "-5".',
    );
    expect(await complaintOf({ timeZero: "now" })).toMatch(
      /^own\.json:\d+:\d+: .*load\.timeZero: expected a number/,
    );
  });

  test("more clients than the scenario has", async () => {
    const csv = `at,who,took\n${Array.from({ length: 201 }, (_, i) => `1,${i},1`).join("\n")}\n`;
    expect(await complaintOf({ clientColumn: "who" }, {}, csv)).toBe(
      'own.json:1:1: Scenario "own": clients.count: expected at least the 201 clients that are recorded, got 200.',
    );
  });
});

describe("the example", () => {
  test("is in shared memory, which threads need not copy", async () => {
    const { load, server } = await readScenarioFile(EXAMPLE);
    const { atMs, clients } = load.kind === "recorded" ? load : {};
    const serviceMs = "serviceMs" in server.service ? server.service.serviceMs : undefined;
    for (const values of [atMs, clients, serviceMs]) {
      expect(values instanceof Float64Array && values.buffer).toBeInstanceOf(SharedArrayBuffer);
    }
    // Nothing is lost on the way to a thread, and nothing copied.
    const arrived = structuredClone(load);
    expect(arrived).toEqual(load);
    expect(arrived.kind === "recorded" && arrived.atMs).toEqual(atMs);
  });

  test("is plain data for another process, and as JSON", async () => {
    const scenario = await readScenarioFile(EXAMPLE);
    const { load, server } = inOwnMemory(scenario);
    const values = load.kind === "recorded" ? load.atMs : [];
    expect(values instanceof Float64Array && values.buffer).toBeInstanceOf(ArrayBuffer);
    expect({ ...scenario, load, server }).toEqual(scenario);
    expect(defineScenario(scenario)).toEqual(scenario);
  });

  test("has the burst that its log has", async () => {
    const { load } = await readScenarioFile(EXAMPLE);
    const atMs = load.kind === "recorded" ? [...load.atMs] : [];
    const lines = readFileSync(new URL("./checkout.csv", import.meta.url), "utf8").trim();
    const seconds = lines
      .split("\n")
      .slice(1)
      .map((line) => Number(line.slice(17, 26)));
    expect(atMs).toEqual(seconds.toSorted((a, b) => a - b).map((s) => Math.round(s * 1e6) / 1e3));
  });

  test.each(["none", "full-jitter", "vetted"] as const)(
    "runs the same in the simulator and with real fetch: %s",
    async (name) => {
      const scenario = await readScenarioFile(EXAMPLE);
      const simulated = registry[name].make(makeOptions(scenario));
      expect(await difference(scenario, 1, { simulated })).toBeUndefined();
    },
  );
});
