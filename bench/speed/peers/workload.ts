/**
 * What every peer simulates: an M/M/10/60 queue whose rejected calls come back. Calls come at random
 * to 10 workers and 50 places; a call that finds no place tries again after full jitter, up to five
 * times in all. The offered load is a tenth above capacity, so most attempts are retries.
 */
import { z } from "zod";

export const WORKLOAD = {
  arrivalsPerSecond: 1_100,
  workers: 10,
  /** For those who wait. */
  places: 50,
  serviceSecondsMean: 0.01,
  attemptsMax: 5,
  /** Ceiling of the wait after the first attempt; it doubles with each. */
  delayBaseSeconds: 0.1,
} as const;

export type Workload = { readonly [Key in keyof typeof WORKLOAD]: number };

/** How long one program simulates it: what is counted comes in batches, so that there is an interval. */
export const LengthSchema = z.strictObject({
  seed: z.int(),
  /** Simulated first, and timed like the rest, but in no batch. */
  warmUpSeconds: z.number().positive(),
  batches: z.int().min(2),
  batchSeconds: z.number().positive(),
});

export type Length = Readonly<z.infer<typeof LengthSchema>>;

/** Of one stretch of simulated time. */
const BatchSchema = z.strictObject({
  /** Begun. */
  calls: z.number(),
  /** Sent, the first of each call included. */
  attempts: z.number(),
  answered: z.number(),
  /** Calls given up after the last attempt. */
  lost: z.number(),
  /** From begin to answer, summed over answered calls. */
  responseSeconds: z.number(),
});

/** What a program says when it is done. */
export const PeerReportSchema = z.strictObject({
  version: z.string(),
  /** Of the run alone, without start and import, and of all threads: others on the machine cost nothing. */
  cpuSeconds: z.number().positive(),
  /**
   * An attempt reaches the server, a service begins, a service ends: attempts + 2 · answers, over the
   * whole run. Counted of the model, so that it is the same for all, whatever each has in its queue.
   */
  events: z.number().positive(),
  batches: z.array(BatchSchema),
});

export type Batch = Readonly<z.infer<typeof BatchSchema>>;
export type PeerReport = z.infer<typeof PeerReportSchema>;

/** What is compared: a queue too short, a service too slow, a wait too long each show in one of them. */
export const MEASURES = [
  "lossShare",
  "throughputPerSecond",
  "attemptsPerCall",
  "responseMs",
] as const;

export type Measure = (typeof MEASURES)[number];
