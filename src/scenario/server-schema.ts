/** What the server can do, and how it says no. */
import { z } from "zod";
import { errorStatus, ms, share } from "./quantities.ts";

const meanMs = ms.describe("The mean.");

const Deterministic = z
  .strictObject({ distribution: z.literal("deterministic"), meanMs })
  .describe("Always the same.");

const Exponential = z
  .strictObject({ distribution: z.literal("exponential"), meanMs })
  .describe("Mostly short, now and then long.");

const Lognormal = z
  .strictObject({
    distribution: z.literal("lognormal"),
    meanMs,
    sigma: z.number().positive().max(5).describe("Standard deviation of the logarithm."),
  })
  .describe("As service times are often found to be: with a long tail.");

const Bimodal = z
  .strictObject({
    distribution: z.literal("bimodal"),
    meanMs,
    slowShare: share.describe("How many of the requests are slow, each by its own chance."),
    slowFactor: z
      .number()
      .min(1)
      .max(1_000_000)
      .describe("How many times as long as the others a slow one takes."),
  })
  .describe("Two times only, such as a cache that hits or misses.");

const Service = z
  .discriminatedUnion("distribution", [Deterministic, Exponential, Lognormal, Bimodal])
  .describe("How long a request keeps a worker.");

const WorkersStep = z.strictObject({
  fromMs: ms.describe("0 for the first step, then later and later."),
  workers: z.int().min(0).max(1_000_000).describe("How many work from this moment on."),
});

const Queue = z
  .strictObject({
    places: z
      .int()
      .min(0)
      .max(100_000_000)
      .default(500)
      .describe("For requests that wait; a request that finds none is rejected."),
    order: z.enum(["fifo", "lifo"]).default("fifo").describe("Who is served next: first or last."),
  })
  .describe("Where requests wait for a worker.");

const Rejection = z
  .strictObject({
    status: errorStatus.default(503).describe("The HTTP status of a no."),
    retryAfterMs: ms
      .multipleOf(1000)
      .optional()
      .describe("What the Retry-After header says: whole seconds. Default: no header."),
    costMs: ms.default(0).describe("What saying no takes of a worker's time; 0 is free."),
  })
  .describe("How a request is refused.");

export const Server = z
  .strictObject({
    workers: z
      .array(WorkersStep)
      .min(1)
      .prefault([{ fromMs: 0, workers: 20 }])
      .describe("The capacity plan."),
    service: Service.prefault({ distribution: "exponential", meanMs: 20 }),
    queue: Queue.prefault({}),
    rejection: Rejection.prefault({}),
  })
  .describe("What the server can do; by default it answers 1,000 requests a second.");
