/** What a measure was taken on. */
import { availableParallelism, cpus } from "node:os";
import { z } from "zod";

export const MachineSchema = z.strictObject({
  node: z.string().describe("Version of Node."),
  cpu: z.string().describe("Its model, as the system names it."),
  cores: z.int().min(0).describe("That may be used."),
});

export type Machine = z.infer<typeof MachineSchema>;

export function machine(): Machine {
  const cpu = cpus().at(0)?.model.trim() ?? "unknown";
  return { node: process.versions.node, cpu, cores: availableParallelism() };
}
