/** The contention study behind full, equal and decorrelated jitter, in all of its 95 cells. */
import { expect, test } from "vitest";
import { fullJitter } from "../../policies/index.ts";
import { allCells, type Compared } from "./all-cells.ts";
import {
  ALGORITHMS,
  type Algorithm,
  type Cell,
  CLIENTS,
  ourRuns,
  type Quantity,
  readCells,
} from "./occ/study.ts";
import { publish } from "./publish.ts";
import { equals, holds, isWithin, once, type Result, type Seen, shown } from "./result.ts";
import { type Distance, distance, type Sample, sampleOf } from "./sample.ts";

/** The three jitters lie near one another; the other two do not, and are dear. */
const RUNS: Readonly<Record<Algorithm, number>> = {
  None: 12,
  Exponential: 20,
  EqualJitter: 60,
  FullJitter: 60,
  Decorr: 60,
};
const RUNS_IN_WORDS = "12 to 60";

const QUANTITIES: readonly Quantity[] = ["calls", "timeMs"];
const WORDS: Readonly<Record<Quantity, string>> = { calls: "write calls", timeMs: "finish in ms" };
const POLICY_OF: Readonly<Record<Algorithm, string>> = {
  None: "no wait",
  Exponential: "exponential",
  EqualJitter: "equal jitter",
  FullJitter: "full jitter",
  Decorr: "decorrelated jitter",
};

const cells = readCells();
const ours = once(
  () =>
    new Map(
      cells.map((cell) => [cell, ourRuns(cell.algorithm, cell.clients, RUNS[cell.algorithm])]),
    ),
);

function cellOf(algorithm: Algorithm, clients: number): Cell {
  const cell = cells.find((cell) => cell.algorithm === algorithm && cell.clients === clients);
  if (cell === undefined) throw new Error(`The study has no cell ${algorithm} ${clients}.`);
  return cell;
}

function runsOf(cell: Cell, quantity: Quantity): readonly number[] {
  const runs = ours().get(cell);
  if (runs === undefined) throw new Error("A cell without runs.");
  return runs[quantity];
}

const values = (algorithm: Algorithm, clients: number, quantity: Quantity) =>
  runsOf(cellOf(algorithm, clients), quantity);

const meanOf = (algorithm: Algorithm, clients: number, quantity: Quantity) =>
  sampleOf(values(algorithm, clients, quantity)).mean;

function at100(algorithm: Algorithm, quantity: Quantity): Result {
  const theirs = cellOf(algorithm, 100).theirs[quantity];
  return equals({
    quantity: `${POLICY_OF[algorithm]}, 100 clients, ${WORDS[quantity]}`,
    theirs,
    has: "measured",
    decimals: 0,
    // A finish is the last of a hundred, and scatters.
    sharpTo: theirs.mean * (quantity === "calls" ? 0.03 : 0.15),
    ours: () => values(algorithm, 100, quantity),
  });
}

function compareAll(far: (cell: Cell, of: Quantity) => Distance): readonly Compared[] {
  return cells.flatMap((cell) =>
    QUANTITIES.map((of) => ({
      ...far(cell, of),
      what: `${WORDS[of]}, ${POLICY_OF[cell.algorithm]}, ${cell.clients} clients`,
      theirs: cell.theirs[of].mean,
    })),
  );
}

const unfloored = (cell: Cell, of: Quantity) =>
  distance(sampleOf(runsOf(cell, of)), cell.theirs[of]);

/** Their means lost their decimals: whatever lies less than 1 above is no difference. */
function fromFloored(cell: Cell, of: Quantity): Distance {
  const mine = sampleOf(runsOf(cell, of));
  const low = cell.floored[of];
  const nearest = Math.min(Math.max(mine.mean, low), low + 1);
  return distance(mine, { mean: nearest, sd: cell.theirs[of].sd, runs: 100 });
}

const JITTERS = ["EqualJitter", "FullJitter", "Decorr"] as const;

function ranking(quantity: Quantity, order: readonly Algorithm[]): Seen {
  const seen = [...ALGORITHMS].sort((a, b) => meanOf(a, 100, quantity) - meanOf(b, 100, quantity));
  const saw = seen.map((algorithm) => POLICY_OF[algorithm]).join(" < ");
  return { holds: seen.join() === order.join(), saw };
}

function namesOf(order: readonly Algorithm[]): string {
  return `${order.map((algorithm) => POLICY_OF[algorithm]).join(" < ")} (measured)`;
}

/** The mean difference over these numbers of clients, and over those, is clear of 0 and of different sign. */
function changesSign(
  [a, b]: readonly [Algorithm, Algorithm],
  quantity: Quantity,
  stretches: readonly [readonly number[], readonly number[]],
): Seen {
  const means = stretches.map((stretch) => {
    const byClients = stretch.map((clients) => {
      const theirs = values(b, clients, quantity);
      return values(a, clients, quantity).map((value, run) => value - theirs[run]);
    });
    const runs = byClients[0].map((_, run) => sampleOf(byClients.map((each) => each[run])).mean);
    return distance(sampleOf(runs), 0);
  });
  const saw = means.map(({ difference, halfWidth }, index) => {
    const [first, last] = [stretches[index][0], stretches[index].at(-1)];
    return `${shown(difference, 0).replace("-", "−")} ±${shown(halfWidth, 0)} from ${first} to ${last}`;
  });
  const isClear = means.every(({ difference, halfWidth }) => Math.abs(difference) > halfWidth);
  const isTurned = means[0].difference * means[1].difference < 0;
  return { holds: isClear && isTurned, saw: saw.join(", ") };
}

const between = (low: number, high: number) =>
  CLIENTS.filter((clients) => clients >= low && clients <= high);

/** On the line of least squares. */
function fitted(xs: readonly number[], ys: readonly number[], at: number): number {
  const [x, y] = [sampleOf(xs).mean, sampleOf(ys).mean];
  const above = xs.reduce((sum, value, i) => sum + (value - x) * (ys[i] - y), 0);
  const below = xs.reduce((sum, value) => sum + (value - x) ** 2, 0);
  return y + (above / below) * (at - x);
}

/** Of each run of all numbers of clients: the square of the correlation. */
function straightness(algorithm: Algorithm, quantity: Quantity): readonly number[] {
  const byClients = CLIENTS.map((clients) => values(algorithm, clients, quantity));
  const x = sampleOf(CLIENTS);
  return byClients[0].map((_, run) => {
    const ys = byClients.map((runs) => runs[run]);
    const slope = fitted(CLIENTS, ys, 1) - fitted(CLIENTS, ys, 0);
    return ((slope * x.sd) / sampleOf(ys).sd) ** 2;
  });
}

/** Exponent of the power of the number of clients that the figure grows with, between 50 and 190. */
function exponent(algorithm: Algorithm, quantity: Quantity): readonly number[] {
  const low = values(algorithm, 50, quantity);
  return values(algorithm, 190, quantity).map((value, run) => powerOf(value / low[run]));
}

function powerOf(growth: number): number {
  return Math.log(growth) / Math.log(190 / 50);
}

/** The same of the study's means; the scatter of a quotient's logarithm is that of its parts, relative to each. */
function theirExponent(algorithm: Algorithm, quantity: Quantity): Sample {
  const [low, high] = [50, 190].map((clients) => cellOf(algorithm, clients).theirs[quantity]);
  const runs = Math.min(low.runs, high.runs);
  const sd = Math.hypot(low.sd / low.mean, high.sd / high.mean) / Math.log(190 / 50);
  return { mean: powerOf(high.mean / low.mean), sd, runs };
}

const BY_CALLS: readonly Algorithm[] = [
  "FullJitter",
  "EqualJitter",
  "Decorr",
  "Exponential",
  "None",
];
const BY_TIME: readonly Algorithm[] = [
  "None",
  "Decorr",
  "FullJitter",
  "EqualJitter",
  "Exponential",
];

publish({
  page: "aws-occ",
  title: "Marc Brooker, “Exponential Backoff And Jitter”, AWS Architecture Blog (2015)",
  address: "https://aws.amazon.com/blogs/architecture/exponential-backoff-and-jitter/",
  notes: [
    "One row under optimistic concurrency control, written once by each client (`test/published/occ/versioned-row.ts`, on the simulator's event set); our policies decide through `src/ask.ts`. Base 5 ms, cap 2 s, and the study's first exponent is 1, so the first ceiling is 10 ms.",
    "Measured: 1,000 or 400 runs a cell of the study's own program, aws-samples/aws-arch-backoff-simulator@66cb169, with its decimals (`occ/source-runs.csv`), and its own output, means of 100 runs rounded down (`occ/aws-occ.csv`).",
    "Of calls without a wait the post says that they grow as about N²; its own program's means make the power 1.84 between 50 and 190 clients, and that is what ours is held to.",
    "Intervals are Welch's, with the scatter of both sides. No wait finishes first because this server has no cost and no limit: time is not load here.",
  ],
  results: [
    allCells(
      "calls and finish, five policies, 10 to 190 clients",
      "190 means of 400 to 1,000 runs (measured)",
      RUNS_IN_WORDS,
      () => compareAll(unfloored),
    ),
    allCells(
      "the same, against the program's own output",
      "190 means of 100 runs, rounded down (measured)",
      RUNS_IN_WORDS,
      () => compareAll(fromFloored),
    ),
    ...ALGORITHMS.flatMap((algorithm) => QUANTITIES.map((of) => at100(algorithm, of))),
    isWithin({
      quantity: "full jitter's calls ÷ exponential's, 100 clients",
      theirs: "“reduced our call count by more than half”",
      has: "printed",
      from: 0,
      below: 0.5,
      decimals: 3,
      ours: () => {
        const jittered = values("FullJitter", 100, "calls");
        return values("Exponential", 100, "calls").map((calls, run) => jittered[run] / calls);
      },
    }),
    isWithin({
      quantity: "no wait: finish against clients, r² of a straight line",
      theirs: "“linear”",
      has: "printed",
      from: 0.99,
      below: 1,
      decimals: 3,
      ours: () => straightness("None", "timeMs"),
    }),
    equals({
      quantity: "no wait: calls grow from 50 to 190 clients as N to the power of",
      theirs: theirExponent("None", "calls"),
      has: "measured",
      decimals: 3,
      sharpTo: 0.03,
      ours: () => exponent("None", "calls"),
    }),
    holds("order by calls, 100 clients", namesOf(BY_CALLS), () => ranking("calls", BY_CALLS)),
    holds("order by finish, 100 clients", namesOf(BY_TIME), () => ranking("timeMs", BY_TIME)),
    holds(
      "exponential without jitter against the three jitters, every number of clients",
      "“takes more work” and “more time” (printed)",
      () => {
        const wins = CLIENTS.flatMap((clients) =>
          JITTERS.flatMap((jitter) =>
            QUANTITIES.map(
              (of) => meanOf("Exponential", clients, of) > meanOf(jitter, clients, of),
            ),
          ),
        );
        const more = wins.filter((isMore) => isMore).length;
        return { holds: more === wins.length, saw: `more in ${more} of ${wins.length}` };
      },
    ),
    holds(
      "equal less full jitter's calls change sign",
      "between 160 and 170 clients (measured)",
      () =>
        changesSign(["EqualJitter", "FullJitter"], "calls", [between(110, 140), between(170, 190)]),
    ),
    holds(
      "decorrelated less full jitter's finish in ms changes sign",
      "between 130 and 140 clients (measured)",
      () => changesSign(["Decorr", "FullJitter"], "timeMs", [between(60, 100), between(160, 190)]),
    ),
  ],
});

test("a first ceiling of 5 ms instead of 10 would be noticed", () => {
  const slip = fullJitter({ delayBaseMs: 5, delayMaxMs: 2_000, attemptsMax: Infinity });
  const { calls } = ourRuns("FullJitter", 100, RUNS.FullJitter, slip);
  const { pValue } = distance(sampleOf(calls), cellOf("FullJitter", 100).theirs.calls);
  expect(pValue).toBeLessThan(1e-6);
});
