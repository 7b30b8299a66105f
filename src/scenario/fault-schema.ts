/** What goes wrong, and when. */
import { z } from "zod";
import { during, errorStatus, share } from "./quantities.ts";

const Outage = z
  .strictObject({ kind: z.literal("outage"), ...during })
  .describe("The server is gone: work in progress is lost, connections are refused.");

const Slowdown = z
  .strictObject({
    kind: z.literal("slowdown"),
    ...during,
    factor: z.number().min(1).max(10_000).describe("How many times as long."),
  })
  .describe("Work begun meanwhile takes longer.");

const Partial = z
  .strictObject({
    kind: z.literal("partial"),
    ...during,
    share: share.describe("How many of the requests, each by its own chance."),
    status: errorStatus.describe("The HTTP status they are answered with, on arrival."),
  })
  .describe("A share of the requests fails.");

export const Fault = z.discriminatedUnion("kind", [Outage, Slowdown, Partial]);
