import { z } from "zod";

/** `budgeted(fullJitter())` built into the simulator, the same as a policy, and eight policies at once. */
export const PolicyKindSchema = z.enum(["hard-wired", "one", "eight"]);

export type PolicyKind = z.infer<typeof PolicyKindSchema>;
