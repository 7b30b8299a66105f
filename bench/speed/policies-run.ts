/** The surge under policies of one kind, in a process of its own. */
import { createHash } from "node:crypto";
import { z } from "zod";
import { budgeted, fullJitter } from "../../policies/index.ts";
import type { Scenario } from "../../src/scenario.ts";
import type { Trace } from "../../src/trace.ts";
import { taskOf } from "../child.ts";
import { timed } from "../stopwatch.ts";
import { CountedMeter } from "./counted-meter.ts";
import { oneOfEight, withEightCohorts } from "./policies/eight.ts";
import { jars } from "./policies/jars.ts";
import { PolicyKindSchema } from "./policies/kind.ts";
import { surgeOf } from "./surge.ts";

const TaskSchema = z.strictObject({
  kind: PolicyKindSchema,
  clients: z.int().min(1),
  seed: z.int(),
});

const { kind, clients, seed } = taskOf(TaskSchema);
if (kind === "hard-wired") await import("./policies/wire-in.ts");
const { simulate } = await import("../../src/sim/simulation.ts");
const policy = budgeted(fullJitter(), { tokensMax: 10, tokensInitial: 10 });
const surge = kind === "eight" ? withEightCohorts(surgeOf(clients)) : surgeOf(clients);
const meter = new CountedMeter(surge);
const { cost } = await timed(() => run(surge, meter));
const digest = createHash("sha256").update(figuresOf(meter)).update(figuresIn(jars)).digest("hex");
process.stdout.write(JSON.stringify({ events: meter.events, cpuSeconds: cost.cpuSeconds, digest }));

function run(scenario: Scenario, trace: Trace): void {
  simulate({ scenario, policy, policyOf: oneOfEight, seed, trace, attemptsBound: Infinity });
}

function figuresIn(scenario: Scenario): string {
  const meter = new CountedMeter(scenario);
  run(scenario, meter);
  return figuresOf(meter);
}

function figuresOf(meter: CountedMeter): string {
  const { responseUs, ...figures } = meter.figures();
  return JSON.stringify([figures, responseUs.mean, responseUs.maxValue]);
}
