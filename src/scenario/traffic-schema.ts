/** Several kinds of calls that the same clients make, and what one attempt sends. */
import { z } from "zod";
import { ATTEMPT_REQUESTS_MAX } from "../parts.ts";
import { Load } from "./load-schema.ts";
import { count, ms } from "./quantities.ts";

export const Attempt = z
  .strictObject({
    requests: z
      .int()
      .min(1)
      .max(ATTEMPT_REQUESTS_MAX)
      .default(1)
      .describe("The most that one attempt sends."),
    order: z
      .enum(["in-turn", "at-once", "fallback"])
      .default("in-turn")
      .describe(
        "in-turn: the next when the last was answered, all within the attempt's timeout; at-once: a fan-out, answered when all are, failed as soon as one has; fallback: the next only when the last has failed, with a timeout of its own, as of a websocket with HTTP behind it.",
      ),
  })
  .describe("What one attempt sends.");

export const Recipients = z
  .strictObject({
    count: count.describe("How many a client writes to; each call goes to one of them, by chance."),
  })
  .describe(
    "Calls of a client to the same recipient go one after the other: the next begins when the last is over, and its user waits meanwhile. Default: no call waits for another.",
  );

const Traffic = z.strictObject({
  name: z.string().min(1).describe("What figures call it."),
  load: Load,
  policy: z
    .string()
    .min(1)
    .optional()
    .describe(
      "The name of its policy, with a state of its own. Default: that of the client's other calls, and the state is shared with them.",
    ),
  timeoutMs: ms.min(1).optional().describe("Limit on one attempt. Default: clients.timeoutMs."),
  deadlineMs: ms
    .min(1)
    .optional()
    .describe("Limit on the whole call. Default: clients.deadlineMs."),
  attempt: Attempt.prefault({}),
  recipients: Recipients.optional(),
});

/** Calls are numbered within their traffic: 32 ranges of numbers fit. */
const TRAFFICS_MAX = 20;

export const Traffics = z
  .array(Traffic)
  .max(TRAFFICS_MAX)
  .default([])
  .describe("Other calls that the same clients make, beside those of `load`.");
