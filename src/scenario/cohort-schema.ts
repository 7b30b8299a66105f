/** Clients of several kinds, or of several versions, in one run. */
import { z } from "zod";
import { Flag } from "./client-schema.ts";
import { during, share } from "./quantities.ts";

const policy = z.string().min(1);

const Rollout = z
  .strictObject({
    policy: policy
      .optional()
      .describe("The name of the new version's policy. Default: the one under test."),
    ...during,
  })
  .describe(
    "A new version: each client gets it at a uniformly drawn moment of the window, for the calls that it begins from then on. Default: none.",
  );

export const Cohort = z.strictObject({
  name: z.string().min(1).describe("What figures call it."),
  share: share.describe("How many of the clients, each by its own chance; in all at most 1."),
  policy: policy
    .optional()
    .describe(
      "The name of its policy, such as those of the registry. Default: the one under test.",
    ),
  flags: z
    .array(Flag)
    .default([])
    .describe("Feature flags that change for this cohort only, beside those of the scenario."),
  rollout: Rollout.optional(),
});
