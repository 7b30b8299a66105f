/** What an operator puts at the server's door, and takes away again. */
import { z } from "zod";
import { ms, share } from "./quantities.ts";
import { ownRejection } from "./rejection-schema.ts";

const fromMs = ms.describe("0 for the first step, then later and later.");

const Open = z
  .strictObject({ fromMs, gate: z.literal("open") })
  .describe("Every request may come in.");

const Closed = z
  .strictObject({ fromMs, gate: z.literal("closed"), rejection: ownRejection })
  .describe("Every request is refused.");

const ShareOfRequests = z
  .strictObject({
    fromMs,
    gate: z.literal("share-of-requests"),
    share: share.describe("How many may come in, each by its own chance."),
    rejection: ownRejection,
  })
  .describe("Of the requests some may come in.");

const ShareOfClients = z
  .strictObject({
    fromMs,
    gate: z.literal("share-of-clients"),
    share: share.describe("How many may come in; a larger share lets in the same ones and more."),
    rejection: ownRejection,
  })
  .describe("Some clients may come in with all their requests, the others with none.");

const Drop = z
  .strictObject({ fromMs, gate: z.literal("drop") })
  .describe("Every request is answered at once as if its work were done, and forgotten.");

export const Admission = z
  .array(z.discriminatedUnion("gate", [Open, Closed, ShareOfRequests, ShareOfClients, Drop]))
  .min(1)
  .optional()
  .describe("The gate at the server's door, as operators set it. Default: open.");

const bucket = {
  perSecond: z.number().min(0.000_001).max(10_000_000).describe("How fast the bucket fills."),
  burst: z
    .int()
    .min(1)
    .max(100_000_000)
    .describe("What a full bucket lets in at once; a step begins with full buckets."),
  rejection: ownRejection,
};

const NoCap = z.strictObject({ fromMs, of: z.literal("nobody") }).describe("There is no cap.");
const ServerCap = z
  .strictObject({ fromMs, of: z.literal("server"), ...bucket })
  .describe("One bucket for all clients.");
const ClientCap = z
  .strictObject({ fromMs, of: z.literal("client"), ...bucket })
  .describe("A bucket for each client.");

export const RateCap = z
  .array(z.discriminatedUnion("of", [NoCap, ServerCap, ClientCap]))
  .min(1)
  .optional()
  .describe("How many requests may come in, behind the gate. Default: any number.");
