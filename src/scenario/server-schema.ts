/** What the server can do, and how it says no. */
import { z } from "zod";
import { Admission, RateCap } from "./admission-schema.ts";
import { ms, share } from "./quantities.ts";
import { Queue } from "./queue-schema.ts";
import { Rejection } from "./rejection-schema.ts";

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

const factor = z.number().min(0).max(1);
const Scalability = z
  .strictObject({
    contention: factor.describe("What each other piece of work adds."),
    coherency: factor.describe("What each pair of pieces adds, both ways."),
  })
  .optional()
  .describe(
    "How much longer than meanMs work takes that begins beside other work. Default: no longer.",
  );

export const Server = z
  .strictObject({
    workers: z
      .array(WorkersStep)
      .min(1)
      .prefault([{ fromMs: 0, workers: 20 }])
      .describe("The capacity plan."),
    service: Service.prefault({ distribution: "exponential", meanMs: 20 }),
    scalability: Scalability,
    queue: Queue.prefault({}),
    admission: Admission,
    rateCap: RateCap,
    rejection: Rejection.prefault({}),
  })
  .describe("What the server can do; by default it answers 1,000 requests a second.");
