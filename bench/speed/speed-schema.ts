/** What `pnpm bench:speed --json` writes: the one description, of which docs/bench-speed-json.md is made. */
import { z } from "zod";
import { MachineSchema } from "../machine.ts";
import { MEASURES } from "./peers/workload.ts";

const count = z.int().min(0);
const positive = z.number().positive();
const nanosecondsAnEvent = positive.describe("Of processor time, over all threads of the process.");
const interval = z.strictObject({
  mean: z.number().describe("Over batches."),
  low: z.number().nullable().describe("Of the 95 % t interval."),
  high: z.number().nullable().describe("Of the same interval."),
});

const GoalSchema = z
  .strictObject({
    what: z.string().describe("What is asked for."),
    bound: z.enum(["at least", "at most", "below"]).describe("Which side of `goal` is met."),
    goal: z.number().describe("The goal."),
    unit: z.string().describe('Of `goal` and `measured`: "×", "ms", "s" or "GB".'),
    measured: z.number().nullable().describe("Null when it was not measured."),
    isMet: z.boolean().nullable().describe("Null when it was not measured."),
  })
  .describe("A goal, and what was measured.");

const PeerSchema = z
  .strictObject({
    name: z.string().describe("The simulator, and how the workload is written in it."),
    version: z.string().describe("Of the simulator."),
    eventsPerSecond: positive.describe(
      "Attempts and twice the answers, per second of processor time.",
    ),
    ratio: positive.describe("Events per second of Stormproof ÷ those of this one."),
    lossShare: interval.describe("Calls given up ÷ calls ended."),
    throughputPerSecond: interval.describe("Calls answered per simulated second."),
    attemptsPerCall: interval.describe("Attempts sent ÷ calls begun."),
    responseMs: interval.describe("From a call's begin to its answer."),
    disagreements: z
      .array(z.enum(MEASURES))
      .describe("The measures whose interval has nothing in common with ours: it must be empty."),
  })
  .describe("One simulator; ourselves first.");

const SizeSchema = z
  .strictObject({
    clients: count.describe("How many."),
    eventsOfRun: positive.describe(
      "Calls begun, requests sent, work done, requests answered or given up, and waits.",
    ),
    secondsOfRun: positive.describe("Of one run, on the wall's clock."),
    cpuSecondsOfRun: positive.describe("Of one run, over all threads of the process."),
    nanosecondsAnEvent,
    bytesAClient: z
      .number()
      .describe("Peak memory of the process without that of a run with one client ÷ clients."),
    peakBytes: positive.describe("Peak memory of the process, Node itself included."),
    gcPauseMs: z.number().min(0).describe("The longest pause for garbage collection."),
  })
  .describe("One number of clients.");

const ratio = positive.describe("That ÷ the one of `hardWired`.");
const PoliciesSchema = z.strictObject({
  hardWired: z
    .strictObject({ nanosecondsAnEvent })
    .describe("A retry budget around full jitter, built into the simulator."),
  one: z.strictObject({ nanosecondsAnEvent, ratio }).describe("The same, as a policy."),
  eight: z
    .strictObject({ nanosecondsAnEvent, ratio })
    .describe("Eight policies with state in one run."),
});

const WorkersSchema = z.strictObject({
  oneSeconds: positive.describe("The runs on one worker thread."),
  twoSeconds: positive.describe("The same runs on two."),
  ratio: positive.describe("The one ÷ the other."),
});

export const SpeedSchema = z.strictObject({
  machine: MachineSchema,
  smoke: z.boolean().describe("Whether it was `--smoke`: then no number means anything."),
  rounds: count.describe("Every figure is the median of so many, interleaved."),
  goals: z.array(GoalSchema),
  sizes: z.array(SizeSchema).describe("From few clients to many; empty when not asked for."),
  peers: z.array(PeerSchema).describe("Empty when not asked for."),
  skipped: z.array(z.string()).describe("What could not be measured, and how to get it."),
  policies: PoliciesSchema.nullable().describe("Null when not asked for."),
  workers: WorkersSchema.nullable().describe("Null when not asked for."),
});

export type Speed = z.infer<typeof SpeedSchema>;
export type Goal = z.infer<typeof GoalSchema>;
export type PeerResult = z.infer<typeof PeerSchema>;
export type SizeResult = z.infer<typeof SizeSchema>;
export type PoliciesResult = z.infer<typeof PoliciesSchema>;
export type WorkersResult = z.infer<typeof WorkersSchema>;
