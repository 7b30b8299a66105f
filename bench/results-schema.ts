/** What `--json` writes: the one description, of which the types and docs/bench-json.md are made. */
import { z } from "zod";

const count = z.int().min(0);
const bound = z.number().nullable();
const interval = z
  .strictObject({
    mean: z.number().describe("Over seeds."),
    low: bound.describe("Of the 95 % t interval; null with one seed."),
    high: bound.describe("Of the same interval; null with one seed."),
  })
  .nullable();

const factor = z.number().nullable();
const group = z.strictObject({
  name: z.string().nullable().describe("Null: what the scenario puts into no group."),
  calls: count.describe("Its calls, after the warm-up, over all seeds."),
  answeredShare: factor.describe("Of its calls, over all seeds together; null without calls."),
  amplification: factor.describe("Its requests ÷ its calls; null without calls."),
});

export const ResultSchema = z
  .strictObject({
    scenario: z.string().describe("Its name."),
    policy: z.string().describe("Its name."),
    lane: z
      .enum(["sim", "msw"])
      .describe('"sim": the simulator; "msw": the helper and real fetch against MSW.'),
    seeds: count.describe("How many runs; their seeds are 1, 2, 3, …"),
    recordings: z
      .array(
        z.strictObject({
          file: z.string().describe("As the scenario names it."),
          sha256: z.string().describe("Of its bytes."),
          rows: count.describe("How many it has."),
        }),
      )
      .describe("The files that the scenario replays."),
    calls: count.describe("What the application wanted done, after the warm-up, over all seeds."),
    attempts: count.describe("Tries of calls on the wire, the first included."),
    requests: count.describe(
      "All that were sent: those of attempts and of session resets, and those for flags.",
    ),
    answeredShare: interval.describe(
      "Calls answered within the scenario's patience ÷ calls; null when there were no calls.",
    ),
    answeredShareOfDemand: interval.describe(
      "Closed load only, else null: answered calls ÷ what users would ask of an unloaded server.",
    ),
    amplification: interval.describe("Requests ÷ calls, over the whole run."),
    amplificationFromTrigger: interval.describe(
      "Requests ÷ calls from the beginning of the trigger on; null without a trigger.",
    ),
    recovered: z
      .strictObject({
        count: count.describe("Seeds that recovered within the run."),
        of: count.describe("Seeds in which enough calls came to tell."),
        low: z.number().describe("Of the 95 % Wilson interval of the share."),
        high: z.number().describe("Of the same interval."),
      })
      .nullable()
      .describe("Null without a trigger, or when too few calls came to tell."),
    recoveryMs: z
      .strictObject({
        restrictedMean: z
          .number()
          .describe(
            "The mean over all seeds, where one that never recovers counts as `horizonMs`.",
          ),
        low: bound.describe("Of its 95 % t interval; null with one seed."),
        high: bound.describe("Of the same interval."),
        horizonMs: z.number().describe("From the end of the trigger to the end of the run."),
        never: count.describe("Seeds that did not recover within the run."),
      })
      .nullable()
      .describe("Null without a trigger, or when too few calls came to tell."),
    p99Ms: z
      .number()
      .nullable()
      .describe("Response time over all calls of all seeds; null when over 1 % were not answered."),
    lateWorkShare: interval.describe(
      "Service time for callers who had left ÷ all service time; null when none was done.",
    ),
    cutSeeds: count.describe("Runs that met the bound on attempts and were cut short."),
    cohorts: z.array(group).describe("By cohort, and who is in none; empty without cohorts."),
    traffics: z
      .array(group)
      .describe("By kind of calls, the scenario's own load first; empty when there is no other."),
    downstream: z
      .array(
        z.strictObject({
          name: z.string().describe("Of the layer."),
          amplification: factor.describe("Requests sent to it ÷ calls of clients."),
        }),
      )
      .describe("The servers behind the server, the nearest first."),
    agreement: z
      .strictObject({
        scenario: z.string().describe("The scenario in which the two worlds were compared."),
        requests: count.describe("Requests compared."),
        agrees: z.boolean().describe("Whether both worlds left the same trace, line by line."),
        difference: z.string().nullable().describe("The first line that differs, in both worlds."),
      })
      .describe("The same policy in the simulator and with real fetch against MSW."),
  })
  .describe("One policy in one scenario.");

export const ResultsSchema = z.strictObject({ results: z.array(ResultSchema) });

export type Result = z.infer<typeof ResultSchema>;
export type Interval = NonNullable<z.infer<typeof interval>>;
