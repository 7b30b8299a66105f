/** When new calls begin. */
import { z } from "zod";
import { count, ms } from "./quantities.ts";

const perSecond = z.number().min(0).max(10_000_000);

const OpenStep = z.strictObject({
  fromMs: ms.describe("0 for the first step, then later and later."),
  perSecond: perSecond.describe("The rate from this moment on."),
  rampToPerSecond: perSecond
    .optional()
    .describe("Where the rate gets to, in a straight line, by the next step. Default: it stays."),
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

export const Load = z
  .discriminatedUnion("kind", [Open, Closed, Herd])
  .describe("When new calls begin.");
