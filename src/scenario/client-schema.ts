/** Who calls, and with what patience. */
import { z } from "zod";
import { count, ms } from "./quantities.ts";

export const Clients = z
  .strictObject({
    count: count.default(200).describe("How many there are."),
    timeoutMs: ms.min(1).default(1_000).describe("Limit on one attempt."),
    deadlineMs: ms
      .min(1)
      .optional()
      .describe(
        "Limit on the whole call that the caller sets; policies may set a shorter one. Default: none.",
      ),
    flagsRefreshMs: ms
      .min(1)
      .optional()
      .describe(
        "How old a client's flags may be when it begins a call: then it asks the same server for them, beside the call. Default: all know every change at once.",
      ),
  })
  .describe("Those who call.");

export const Retry = z
  .strictObject({
    attemptsMax: z
      .int()
      .min(1)
      .nullable()
      .default(3)
      .describe("Attempts a call, the first included; null: unlimited."),
    delayBaseMs: ms.default(100).describe("The first wait, before any jitter."),
    delayMaxMs: ms.default(20_000).describe("The longest wait."),
    budgetRatio: z
      .number()
      .min(0)
      .max(100)
      .default(0.1)
      .describe("Retries that a success pays for."),
    budgetTokensMax: z
      .number()
      .min(0)
      .max(1_000_000)
      .default(3)
      .describe("Retries that a full jar pays for."),
    budgetTokensInitial: z
      .number()
      .min(0)
      .max(1_000_000)
      .optional()
      .describe(
        "Retries that a new client's jar pays for. Default: 2, or a full jar if that is less.",
      ),
  })
  .describe("How the policies of this package are built for this scenario.");

export const Flag = z.strictObject({
  atMs: ms.describe("When it changes."),
  name: z.string().min(1).describe("Its name, as policies know it."),
  value: z.union([z.boolean(), z.number()]).describe("What it is from then on."),
});
