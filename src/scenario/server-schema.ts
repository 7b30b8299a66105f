/** What the server can do, and how it says no. */
import { z } from "zod";
import { ms, share } from "./quantities.ts";

const Service = z.discriminatedUnion("distribution", [
  z.strictObject({ distribution: z.literal("deterministic"), meanMs: ms }),
  z.strictObject({ distribution: z.literal("exponential"), meanMs: ms }),
  z.strictObject({
    distribution: z.literal("lognormal"),
    meanMs: ms,
    /** Standard deviation of the logarithm. */
    sigma: z.number().positive().max(5),
  }),
  z.strictObject({
    distribution: z.literal("bimodal"),
    meanMs: ms,
    /** This share of the requests takes `slowFactor` times as long as the others. */
    slowShare: share,
    slowFactor: z.number().min(1).max(1_000_000),
  }),
]);

export const Server = z.strictObject({
  /** The capacity plan: so many workers from each moment on. */
  workers: z.array(z.strictObject({ fromMs: ms, workers: z.int().min(0).max(1_000_000) })).min(1),
  service: Service,
  queue: z.strictObject({
    /** Places for requests that wait; a request that finds none is rejected. */
    places: z.int().min(0).max(100_000_000),
    order: z.enum(["fifo", "lifo"]),
  }),
  rejection: z.strictObject({
    status: z.int().min(400).max(599),
    /** Whole seconds, as the header has them. */
    retryAfterMs: ms.multipleOf(1000).optional(),
    /** What saying no takes of a worker's time; 0 is free. */
    costMs: ms,
  }),
});
