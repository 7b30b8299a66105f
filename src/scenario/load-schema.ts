/** When new calls begin. */
import { z } from "zod";
import { numbers } from "./numbers-schema.ts";
import { count, ms, YEAR_MS } from "./quantities.ts";
import { durationUnit, fileColumns, Source } from "./replay-schema.ts";

const perSecond = z.number().min(0).max(10_000_000);

const OpenStep = z.strictObject({
  fromMs: ms.describe("0 for the first step, then later and later."),
  perSecond: perSecond.describe("The rate from this moment on."),
  rampToPerSecond: perSecond
    .optional()
    .describe(
      "Where the rate gets to, in a straight line, by the next step, or by runMs. Default: it stays.",
    ),
});

const Open = z
  .strictObject({
    kind: z.literal("open"),
    arrivals: z.array(OpenStep).min(1).describe("The plan of rates."),
  })
  .describe("Calls come whatever happened to the last: a Poisson process of the given rate.");

const Joining = z
  .strictObject({
    clients: count.describe("How many: the last ones of clients.count."),
    fromMs: ms.describe("When the first may come."),
    untilMs: ms.describe("By when all have come, each at a uniformly drawn moment."),
  })
  .describe("Clients that are not there from the start: each calls as it comes. Default: none.");

const Closed = z
  .strictObject({
    kind: z.literal("closed"),
    thinkMs: ms.min(1).describe("How long a client thinks, on average."),
    joining: Joining.optional(),
  })
  .describe("Each client thinks (exponentially), calls, and thinks again when the call is over.");

const Herd = z
  .strictObject({
    kind: z.literal("herd"),
    fromMs: ms.describe("When the first may come."),
    overMs: ms.describe("How long they take to come; 0 is all at once."),
  })
  .describe("Each client makes one call, at a uniformly drawn moment of the window.");

const Poll = z
  .strictObject({
    kind: z.literal("poll"),
    everyMs: ms.min(1).describe("From the beginning of one call to that of the next."),
  })
  .describe(
    "Each client calls every so often, from a random moment on; the next is late when the last is not over.",
  );

const Recorded = z
  .strictObject({
    kind: z.literal("recorded"),
    atMs: numbers({
      isFine: (value, before) => value >= before && value <= YEAR_MS,
      expected: "a number of milliseconds no less than the one before, a year at most",
      type: "number",
      maximum: YEAR_MS,
    }).describe("When calls begin, in order; what comes at runMs or later does not begin."),
    clients: numbers({
      isFine: (value) => Number.isInteger(value) && value >= 0,
      expected: "the number of a client, counted from 0",
      type: "integer",
    })
      .optional()
      .describe("Whose calls they are: for each time, the client. Default: anyone's, by chance."),
    source: Source,
  })
  .describe("Calls begin at these times.");

const Replay = z
  .strictObject({
    kind: z.literal("replay"),
    ...fileColumns,
    timeUnit: z
      .enum([...durationUnit.options, "iso8601"])
      .describe(
        "In what the column counts, from any moment on; iso8601: dates, in UTC unless they say.",
      ),
    timeZero: z
      .union([z.number(), z.string()])
      .optional()
      .describe(
        "The time in the file at which the run begins; what is earlier is left out. Default: the earliest.",
      ),
    clientColumn: z
      .string()
      .min(1)
      .optional()
      .describe("The column that says whose call it is. Default: anyone's, by chance."),
  })
  .refine(({ timeUnit, timeZero }) => timeZero === undefined || isOfUnit(timeZero, timeUnit), {
    path: ["timeZero"],
    error: "expected a number, or a date in quotes when timeUnit is iso8601.",
  })
  .describe("Calls begin at the times of a file, in any order.");

function isOfUnit(time: number | string, unit: string): boolean {
  return (typeof time === "string") === (unit === "iso8601");
}

export const Load = z
  .discriminatedUnion("kind", [Open, Closed, Herd, Poll, Recorded, Replay])
  .describe("When new calls begin.");
