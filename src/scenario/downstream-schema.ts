/** The servers behind the server: each calls the next. */
import { z } from "zod";
import { Faults } from "./fault-schema.ts";
import { count, errorStatus, ms } from "./quantities.ts";
import { Server } from "./server-schema.ts";

const Caller = z
  .strictObject({
    instances: count
      .default(10)
      .describe("How many callers the layer above is to this one; each has its own policy state."),
    policy: z
      .string()
      .min(1)
      .optional()
      .describe("The name of the policy that these callers have. Default: the one under test."),
    timeoutMs: ms.min(1).default(1_000).describe("Limit on one attempt."),
    deadlineMs: ms.min(1).optional().describe("Limit on the whole call. Default: none."),
    failureStatus: errorStatus
      .default(502)
      .describe(
        "What the layer above answers when its call has failed: 502 may be tried again, 508 may not.",
      ),
  })
  .describe("How the layer above calls this one, while its worker waits.");

const Layer = z
  .strictObject({
    name: z.string().min(1).describe("What tables and results call it."),
    caller: Caller.prefault({}),
    networkMs: ms.default(1).describe("From the layer above, and back; at least a tick each."),
    server: Server.prefault({}),
    faults: Faults,
  })
  .describe("A server that the one above calls for every request it has worked on.");

/** Five layers in all. */
const LAYERS_MAX = 4;

export const Downstream = z
  .array(Layer)
  .max(LAYERS_MAX)
  .prefault([])
  .describe("The servers behind the server, the nearest first: each calls the next one.");
