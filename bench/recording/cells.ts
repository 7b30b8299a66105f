/** What a cell of a recording says: the text of CSV, or a value of JSON. */

export type TimeUnit = "s" | "ms" | "us" | "ns" | "iso8601";

export interface Column {
  readonly name: string;
  /** Undefined when the cell does not say what is expected. */
  readonly read: (cell: unknown) => number | undefined;
  readonly expected: string;
}

const MS_PER = { s: 1_000, ms: 1, us: 1e-3, ns: 1e-6 } as const;

const WORDS: Readonly<Record<TimeUnit, string>> = {
  s: "a number of seconds, 0 or more",
  ms: "a number of milliseconds, 0 or more",
  us: "a number of microseconds, 0 or more",
  ns: "a number of nanoseconds, 0 or more",
  iso8601: "a date and time such as 2021-01-15T16:00:00Z",
};

/** In milliseconds: those since 1970 for dates. */
export function timeColumn(name: string, unit: TimeUnit): Column {
  const read = unit === "iso8601" ? dateMs : (cell: unknown) => durationMs(cell, MS_PER[unit]);
  return { name, read, expected: WORDS[unit] };
}

/** Clients are numbered from 0 as they come. */
export function clientColumn(name: string): Column {
  const numbers = new Map<string, number>();
  const read = (cell: unknown) => {
    if (cell === undefined || cell === null || cell === "" || typeof cell === "object") return;
    const id = String(cell);
    const known = numbers.get(id);
    if (known !== undefined) return known;
    numbers.set(id, numbers.size);
    return numbers.size - 1;
  };
  return { name, read, expected: "who calls" };
}

const DECIMAL = /^[-+]?(\d+\.?\d*|\.\d+)(e[-+]?\d+)?$/i;

function durationMs(cell: unknown, msPerUnit: number): number | undefined {
  const isText = typeof cell === "string";
  // Number("") is 0, and Number("0x10") 16.
  const value = isText && DECIMAL.test(cell) ? Number(cell) : cell;
  const isFine = typeof value === "number" && Number.isFinite(value) && value >= 0;
  return isFine ? value * msPerUnit : undefined;
}

const DATE =
  /^(?<date>\d{4}-\d\d-(?<day>\d\d))[T ](?<time>\d\d:\d\d(:\d\d)?)(?<fraction>\.\d+)?(?<zone>Z|[-+]\d\d:?\d\d)?$/i;

/** Without a zone it is UTC, so that it says the same on every machine. */
function dateMs(cell: unknown): number | undefined {
  const parts = typeof cell === "string" ? DATE.exec(cell)?.groups : undefined;
  if (parts === undefined) return undefined;
  const { date, day, time, fraction = "", zone = "Z" } = parts;
  const ms = Date.parse(`${date}T${time}${zone.toUpperCase()}`) + Number(`0${fraction}`) * 1_000;
  // Date.parse takes the 30th of February for the 1st of March.
  const isDay = Number(day) <= 28 || new Date(`${date}T00:00Z`).toISOString().startsWith(date);
  return Number.isFinite(ms) && isDay ? ms : undefined;
}
