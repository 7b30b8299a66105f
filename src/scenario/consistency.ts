/** What no field can say alone: which of a scenario's numbers must fit which. */
import type { z } from "zod";
import type { Scenario } from "../scenario.ts";

/** To be called by the schema when every field is fine by itself. */
export function checkConsistency(scenario: Scenario, context: z.core.$RefinementCtx): void {
  const say = (path: (string | number)[], message: string) =>
    context.addIssue({ code: "custom", path, message });
  if (scenario.networkMs * 1000 < scenario.tickUs) {
    say(["networkMs"], `Expected at least one tick (${scenario.tickUs / 1000} ms)`);
  }
  if (scenario.warmUpMs >= scenario.runMs) {
    say(["warmUpMs"], `Expected less than runMs (${scenario.runMs})`);
  }
  for (const [index, fault] of scenario.faults.entries()) {
    if (fault.untilMs <= fault.fromMs) {
      say(["faults", index, "untilMs"], `Expected more than fromMs (${fault.fromMs})`);
    }
  }
  if (scenario.trigger && scenario.trigger.untilMs <= scenario.trigger.fromMs) {
    say(["trigger", "untilMs"], `Expected more than fromMs (${scenario.trigger.fromMs})`);
  }
  if (
    scenario.trigger &&
    scenario.load.kind !== "herd" &&
    scenario.trigger.untilMs >= scenario.runMs
  ) {
    say(["trigger", "untilMs"], `Expected less than runMs (${scenario.runMs})`);
  }
  // Who came later would be left out without a word, and the herd could never recover.
  if (
    scenario.load.kind === "herd" &&
    scenario.load.fromMs + scenario.load.overMs >= scenario.runMs
  ) {
    say(["load", "overMs"], `Expected the herd to have come before runMs (${scenario.runMs})`);
  }
  const steps = [
    ["server", "workers", scenario.server.workers],
    ["load", "arrivals", scenario.load.kind === "open" ? scenario.load.arrivals : []],
  ] as const;
  for (const [room, field, plan] of steps) {
    for (const [index, step] of plan.entries()) {
      if (index === 0 ? step.fromMs !== 0 : step.fromMs <= plan[index - 1].fromMs) {
        say([room, field, index, "fromMs"], "Expected 0 for the first step, then later and later");
      }
    }
  }
}
