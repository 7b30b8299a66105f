/** What `pnpm bench:overhead --json` writes: the one description, of which docs/bench-overhead-json.md is made. */
import { z } from "zod";
import { MachineSchema } from "../machine.ts";

const positive = z.number().positive();

const RatioSchema = z.strictObject({
  median: positive.describe("Over rounds, of the ratios of each round."),
  min: positive.describe("Of the same."),
  max: positive.describe("Of the same."),
});

const WrapperSchema = z
  .strictObject({
    name: z.string().describe("The library, and how it is used."),
    version: z.string().describe("Of the library."),
    nanosecondsACall: positive.describe(
      "Of processor time, over all threads of the process; median over rounds.",
    ),
    ratio: RatioSchema.describe("The cost of Stormproof's ÷ that of this one."),
    goal: positive.nullable().describe("What the median may at most be; null: anything."),
    isMet: z.boolean().nullable().describe("Null without a goal, and with `--smoke`."),
  })
  .describe("One way to wrap a call; ours first.");

export const OverheadSchema = z.strictObject({
  machine: MachineSchema,
  smoke: z.boolean().describe("Whether it was `--smoke`: then no number means anything."),
  rounds: z.int().min(1).describe("Every figure is the median of so many, interleaved."),
  groups: z.array(
    z.strictObject({
      what: z.string().describe("What is wrapped, and in what."),
      wrappers: z.array(WrapperSchema),
    }),
  ),
});

export type Overhead = z.infer<typeof OverheadSchema>;
export type WrapperResult = z.infer<typeof WrapperSchema>;
