/** How long a request keeps a worker. */
import { z } from "zod";
import { meanOf, numbers } from "./numbers-schema.ts";
import { ms, share, YEAR_MS } from "./quantities.ts";
import { durationUnit, fileColumns, Source } from "./replay-schema.ts";

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

const scaledMeanMs = ms
  .optional()
  .describe("The mean to which all times are scaled. Default: as recorded.");

const Recorded = z
  .strictObject({
    distribution: z.literal("recorded"),
    serviceMs: numbers({
      isFine: (value) => value >= 0 && value <= YEAR_MS,
      expected: "a number of milliseconds, from 0 to a year",
      type: "number",
      maximum: YEAR_MS,
    }).describe("The service times, in any order."),
    meanMs: scaledMeanMs,
    source: Source,
  })
  .transform((spec) => ({ ...spec, meanMs: spec.meanMs ?? meanOf(spec.serviceMs) }))
  .describe("One of these times, drawn by each request's own chance.");

const Replay = z
  .strictObject({
    distribution: z.literal("replay"),
    ...fileColumns,
    timeUnit: durationUnit.describe("In what the column counts."),
    meanMs: scaledMeanMs,
  })
  .describe("The service times of a file, from which each request draws one by its own chance.");

export const Service = z
  .discriminatedUnion("distribution", [
    Deterministic,
    Exponential,
    Lognormal,
    Bimodal,
    Recorded,
    Replay,
  ])
  .describe("How long a request keeps a worker.");
