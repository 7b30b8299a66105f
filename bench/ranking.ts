/**
 * Who is better than whom. All pairs of a table are compared on the same seeds, Holm's correction covers
 * all of these comparisons, and a difference counts only beyond a practical margin. The answered share
 * ranks; where it ties, recovery does.
 */
import { type Row, restricted } from "./results.ts";
import { ALPHA, holm, mcNemar, meanInterval, pBeyondMargin } from "./statistics.ts";

const ANSWERED_MARGIN = 0.01;
const RECOVERY_MARGIN_MS = 1_000;

export interface Ranked {
  readonly row: Row;
  /** "1", or "2=" when it shares the place; "–" with one seed, which ranks nobody. */
  readonly rank: string;
}

/** How one row stands to another: +1 better, −1 worse, 0 not told apart. */
export interface Verdict {
  readonly answered: -1 | 0 | 1;
  readonly recovery: -1 | 0 | 1;
}

export class Ranking {
  readonly ranked: readonly Ranked[];
  readonly #verdicts = new Map<Row, Map<Row, Verdict>>();

  constructor(rows: readonly Row[]) {
    this.#compare(rows);
    this.ranked = this.#rank(rows);
  }

  verdict(first: Row, second: Row): Verdict {
    return this.#verdicts.get(first)?.get(second) ?? { answered: 0, recovery: 0 };
  }

  #compare(rows: readonly Row[]): void {
    const pairs = rows.flatMap((first, index) =>
      rows.slice(index + 1).map((second) => comparison(first, second)),
    );
    const adjusted = holm(pairs.flatMap(({ pValues }) => pValues));
    for (const [index, { first, second, signs }] of pairs.entries()) {
      const [answered, count, time] = signs.map((sign, test) =>
        adjusted[index * signs.length + test] < ALPHA ? sign : 0,
      );
      this.#note(first, second, answered, count || time);
      this.#note(second, first, -answered, -(count || time));
    }
  }

  #note(first: Row, second: Row, answered: number, recovery: number): void {
    const verdicts = this.#verdicts.get(first) ?? new Map<Row, Verdict>();
    verdicts.set(second, { answered: sign(answered), recovery: sign(recovery) });
    this.#verdicts.set(first, verdicts);
  }

  /** A row ties with the first of the group above it, or begins a group of its own. */
  #rank(rows: readonly Row[]): Ranked[] {
    const byAnswered = [...rows].sort((a, b) => answeredMean(b) - answeredMean(a));
    const groups = grouped(byAnswered, (first, row) => this.verdict(first, row).answered === 0)
      .map((group) => group.sort((a, b) => recoveryMean(a) - recoveryMean(b)))
      .flatMap((group) => grouped(group, (first, row) => this.verdict(first, row).recovery === 0));
    let place = 1;
    return groups.flatMap((group) => {
      const rank = group.length > 1 ? `${place}=` : `${place}`;
      place += group.length;
      return group
        .sort((a, b) => answeredMean(b) - answeredMean(a))
        .map((row) => ({ row, rank: row.result.seeds < 2 ? "–" : rank }));
    });
  }
}

/** The tests of one pair: answered share, how many seeds recovered, and how soon. */
function comparison(first: Row, second: Row) {
  const answered = differences(first.answeredShares, second.answeredShares);
  const soon = differences(recoveryTimes(second), recoveryTimes(first));
  const [inTime, otherInTime] = [first, second].map(({ recoveries }) =>
    recoveries.map((recovered) => recovered !== "never"),
  );
  const more = inTime.filter(Boolean).length - otherInTime.filter(Boolean).length;
  return {
    first,
    second,
    signs: [
      Math.sign(meanInterval(answered).mean),
      Math.sign(more),
      Math.sign(meanInterval(soon).mean),
    ],
    pValues: [
      pBeyondMargin(answered, ANSWERED_MARGIN),
      mcNemar(inTime, otherInTime),
      pBeyondMargin(soon, RECOVERY_MARGIN_MS),
    ],
  };
}

export function differences(first: readonly number[], second: readonly number[]): number[] {
  return first.map((value, index) => value - second[index]);
}

function grouped(rows: readonly Row[], ties: (first: Row, row: Row) => boolean): Row[][] {
  const groups: Row[][] = [];
  for (const row of rows) {
    const group = groups.at(-1);
    if (group !== undefined && ties(group[0], row)) group.push(row);
    else groups.push([row]);
  }
  return groups;
}

function recoveryTimes({ result, recoveries }: Row): number[] {
  const horizonMs = result.recoveryMs?.horizonMs ?? 0;
  return recoveries.map((recovered) => restricted(recovered, horizonMs));
}

function answeredMean({ result }: Row): number {
  return result.answeredShare?.mean ?? 0;
}

function recoveryMean({ result }: Row): number {
  return result.recoveryMs?.restrictedMean ?? 0;
}

function sign(value: number): -1 | 0 | 1 {
  return value > 0 ? 1 : value < 0 ? -1 : 0;
}
