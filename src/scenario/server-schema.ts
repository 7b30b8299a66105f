/** What the server can do, and how it says no. */
import { z } from "zod";
import { Admission, RateCap } from "./admission-schema.ts";
import { ms } from "./quantities.ts";
import { Queue } from "./queue-schema.ts";
import { Rejection } from "./rejection-schema.ts";
import { Service } from "./service-schema.ts";

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
