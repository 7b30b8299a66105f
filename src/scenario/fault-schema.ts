/** What goes wrong, and when. */
import { z } from "zod";
import { during, errorStatus, share } from "./quantities.ts";
import { retryAfterMs } from "./rejection-schema.ts";

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
    share: share.describe("How many of them, each by its own chance."),
    of: z
      .enum(["requests", "calls", "clients"])
      .optional()
      .describe(
        "Of what: a call or a client that is hit fails in all its requests, as with a broken shard. Default: requests.",
      ),
    status: errorStatus.describe("The HTTP status they are answered with, on arrival."),
    retryAfterMs,
  })
  .describe("A share of the requests fails.");

const Loss = z
  .strictObject({
    kind: z.literal("loss"),
    ...during,
    share: share.describe("How many requests, and how many answers, each by its own chance."),
  })
  .describe("The network loses what is sent: the client hears nothing.");

export const Faults = z
  .array(z.discriminatedUnion("kind", [Outage, Slowdown, Partial, Loss]))
  .default([])
  .describe("What goes wrong, and when.");
