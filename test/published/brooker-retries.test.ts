/** Retries, a token bucket and a circuit breaker against failures that load does not change. */
import { immediate, none } from "../../policies/index.ts";
import type { Policy } from "../../src/policy.ts";
import { simulate } from "../../src/sim/simulation.ts";
import { allCells, type Compared } from "./all-cells.ts";
import { ClientWindows } from "./brooker/client-windows.ts";
import { breaker, bucket } from "./brooker/policies.ts";
import { readCsv } from "./csv.ts";
import { publish } from "./publish.ts";
import { equals, holds, isWithin, once, type Result, shown } from "./result.ts";
import { failing, perSecond, server, setting } from "./runs.ts";
import { distance, type Sample, sampleOf } from "./sample.ts";

/** The less a run holds, the more of them. */
function runsOf({ seconds, callsPerSecond }: Pick<Cell, "seconds" | "callsPerSecond">): number {
  const calls = seconds * callsPerSecond;
  if (calls <= 1_000) return 24;
  return calls <= 10_000 ? 8 : 5;
}

/** By the study's names. */
const POLICIES: Readonly<Record<string, Policy>> = {
  none: none(),
  three: immediate({ attemptsMax: 4 }),
  bucket,
  breaker,
};

type Figure = "load" | "success";
const FIGURES: readonly Figure[] = ["load", "success"];

interface Cell {
  readonly strategy: string;
  readonly seconds: number;
  readonly clients: number;
  readonly callsPerSecond: number;
  /** The share of attempts that fail. */
  readonly p: number;
  readonly theirs: Readonly<Record<Figure, Sample>>;
  readonly ours: () => Readonly<Record<Figure, readonly number[]>>;
}

const cells: readonly Cell[] = readCsv(new URL("brooker/source-runs.csv", import.meta.url)).map(
  (record) => {
    const runs = Number(record.runs);
    const setting = {
      strategy: record.strategy,
      seconds: Number(record.T),
      clients: Number(record.clients),
      callsPerSecond: Number(record.rate),
      p: Number(record.p),
    };
    return {
      ...setting,
      theirs: {
        load: { mean: Number(record.loadMean), sd: Number(record.loadSd), runs },
        success: { mean: Number(record.successMean), sd: Number(record.successSd), runs },
      },
      ours: once(() => ourRuns(setting)),
    };
  },
);

function ourRuns(cell: Omit<Cell, "theirs" | "ours">): Readonly<Record<Figure, readonly number[]>> {
  const lengthMs = cell.seconds * 1_000;
  // By then nearly all clients have made their first call.
  const runMs = lengthMs + (3_000 * cell.clients) / cell.callsPerSecond;
  const scenario = setting({
    runMs,
    clients: { count: cell.clients, timeoutMs: 1_000 },
    load: perSecond(cell.callsPerSecond),
    networkMs: 10,
    server: server(1_000, 0.001, 0),
    faults: failing(cell.p),
  });
  const windows = Array.from({ length: runsOf(cell) }, (_, index) => {
    const trace = new ClientWindows(cell.clients, lengthMs, runMs);
    simulate({ scenario, policy: POLICIES[cell.strategy], seed: index + 1, trace });
    return trace;
  });
  return { load: windows.map((w) => w.load()), success: windows.map((w) => w.success()) };
}

function cellOf(
  strategy: string,
  seconds: number,
  clients: number,
  p: number,
  total = 1_000,
): Cell {
  const found = cells.find(
    (cell) =>
      cell.strategy === strategy &&
      cell.seconds === seconds &&
      cell.clients === clients &&
      cell.callsPerSecond === total &&
      cell.p === p,
  );
  if (found === undefined) throw new Error(`The study has no cell ${strategy}, p = ${p}.`);
  return found;
}

function compareAll(): readonly Compared[] {
  return cells.flatMap((cell) =>
    FIGURES.map((of) => ({
      ...distance(sampleOf(cell.ours()[of]), cell.theirs[of]),
      what: `${of}, ${cell.strategy}, p = ${cell.p}, ${cell.clients} clients, ${cell.seconds} s`,
      theirs: cell.theirs[of].mean,
    })),
  );
}

/** Three retries at once. */
function geometric(p: number, figure: Figure): Result {
  const truth = figure === "load" ? (1 - p ** 4) / (1 - p) : 1 - p ** 4;
  return equals({
    quantity: `three retries, p = ${p}: ${figure}`,
    theirs: truth,
    has: "derived",
    decimals: 4,
    sharpTo: 0.02 * truth,
    ours: () => cellOf("three", 10, 100, p).ours()[figure],
  });
}

/**
 * A client whose bucket is drawn down spends what it began with, 5 less what is left, 0.1 to 1.1; its first
 * call found the bucket full and brought nothing.
 */
function drained(seconds: number, p: number): Result {
  const calls = seconds * 10;
  return isWithin({
    quantity: `bucket, p = ${p}, ${seconds} s of 10 calls a second: load`,
    theirs: `1.1 and 4 to 5 tokens in ${calls} calls`,
    has: "derived",
    from: 1.1 + 3.8 / calls,
    below: 1.1 + 4.9 / calls,
    decimals: 4,
    ours: () => cellOf("bucket", seconds, 100, p).ours().load,
  });
}

function byClients(strategy: string, figure: Figure, p: number): readonly Result[] {
  return [10, 100, 1_000].map((clients) => {
    const cell = cellOf(strategy, 10, clients, p, 100);
    return equals({
      quantity: `100 calls a second from ${shown(clients, 0)} clients, ${strategy}, p = ${p}: ${figure}`,
      theirs: cell.theirs[figure],
      has: "measured",
      decimals: 3,
      sharpTo: 0.05,
      ours: () => cell.ours()[figure],
    });
  });
}

function meanOf(cell: Cell, figure: Figure): number {
  return sampleOf(cell.ours()[figure]).mean;
}

publish({
  page: "brooker-retries",
  title: "Marc Brooker, “Fixing retries with token buckets and circuit breakers” (2022)",
  address: "https://brooker.co.za/blog/2022/02/28/retries.html",
  notes: [
    "p is the share of attempts that fail, whatever the load; load is attempts ÷ calls, success answered calls ÷ calls. 100 clients make 10 calls a second each, unless said.",
    "Measured: 20 runs a cell of the study's own code, mbrooker/simulator_example@bbfe394 (`brooker/source-runs.csv`). The post shows curves and does not say how long they ran; we take 10 s and 60 s.",
    "The post's text fills the bucket on success and caps the retries; its code fills on every call and caps nothing. We follow the code (`brooker/policies.ts`): filled on success, the load would be 1.05, not 1.10, at p = 0.5.",
    "The study's clients all call at once and then at random. We count each client's calls from its first one on, which is the same (`brooker/client-windows.ts`). A round trip takes 20 ms; the study draws it, with that mean. Nothing depends on it.",
  ],
  results: [
    allCells(
      "load and success, four strategies, 10 to 1,000 clients, p from 0.05 to 0.75",
      `${2 * cells.length} means of 20 runs (measured)`,
      "5 to 24",
      compareAll,
    ),
    ...[0.5, 0.75].flatMap((p) => FIGURES.map((figure) => geometric(p, figure))),
    drained(10, 0.5),
    drained(60, 0.5),
    drained(60, 0.75),
    equals({
      quantity: "bucket, p = 0.5, 60 s: success ÷ load",
      theirs: 0.5,
      has: "derived",
      decimals: 4,
      sharpTo: 0.01,
      ours: () => {
        const { load, success } = cellOf("bucket", 60, 100, 0.5).ours();
        return success.map((value, run) => value / load[run]);
      },
    }),
    isWithin({
      quantity: "breaker, p = 0.5, 60 s: load",
      theirs: "1.000",
      has: "derived",
      from: 1,
      below: 1.0005,
      decimals: 4,
      ours: () => cellOf("breaker", 60, 100, 0.5).ours().load,
    }),
    ...byClients("bucket", "load", 0.5),
    ...byClients("bucket", "success", 0.5),
    ...byClients("breaker", "success", 0.05),
    holds(
      "a breaker that opens at 10 % opens at half of that",
      "“around half the expected rate” (printed)",
      () => {
        const [open, never] = ["breaker", "three"].map((strategy) =>
          meanOf(cellOf(strategy, 10, 100, 0.05), "success"),
        );
        const saw = `success at p = 0.05: ${shown(open, 4)}, ${shown(never, 4)} without it`;
        return { holds: 1 - open > 10 * (1 - never), saw };
      },
    ),
    holds(
      "with more clients the bucket becomes three retries, the breaker none",
      "the same (printed)",
      () => {
        const at = (strategy: string, figure: Figure, p: number) =>
          [10, 100, 1_000].map((clients) => meanOf(cellOf(strategy, 10, clients, p, 100), figure));
        const loads = at("bucket", "load", 0.5);
        const successes = at("breaker", "success", 0.05);
        const isRising = loads[0] < loads[1] && loads[1] < loads[2];
        const isFalling = successes[0] > successes[1] && successes[1] > successes[2];
        const list = (values: readonly number[]) => values.map((v) => shown(v, 2)).join(", ");
        return {
          holds: isRising && isFalling,
          saw: `bucket's load ${list(loads)}, breaker's success ${list(successes)}`,
        };
      },
    ),
  ],
});
