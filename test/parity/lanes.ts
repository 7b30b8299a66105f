/** The same run in both worlds. */
import type { MakeOptions } from "../../policies/index.ts";
import { runMsw } from "../../src/msw/run.ts";
import type { Policy } from "../../src/policy.ts";
import type { Scenario } from "../../src/scenario.ts";
import { simulate } from "../../src/sim/simulation.ts";
import { RecordedTrace } from "../../src/trace.ts";

/** Retries without limit and almost without a wait would otherwise take all the time. */
const ATTEMPTS_BOUND = 60;

/** Where the two worlds differ first; undefined when they agree in every line and every count. */
export async function difference(
  scenario: Scenario,
  seed: number,
  { simulated, sent = simulated }: { readonly simulated: Policy; readonly sent?: Policy },
): Promise<string | undefined> {
  const [left, right] = [new RecordedTrace(), new RecordedTrace()];
  const bound = { attemptsBound: ATTEMPTS_BOUND };
  const options = { scenario, seed, ...bound };
  const { meanState: _, ...end } = simulate({ ...options, policy: simulated, trace: left });
  const laneEnd = await runMsw({ ...options, policy: sent, trace: right });
  const lines = [...left.lines, JSON.stringify(end)];
  const laneLines = [...right.lines, JSON.stringify(laneEnd)];
  const at = lines.findIndex((line, index) => line !== laneLines[index]);
  if (at < 0 && lines.length === laneLines.length) return undefined;
  const context = lines.slice(Math.max(0, at - 3), at).map((line) => `            ${line}`);
  return [
    `${simulated.name}, seed ${seed}:`,
    ...context,
    `simulator:  ${lines[at]}`,
    `MSW lane:   ${laneLines[at]}`,
  ].join("\n");
}

export function makeOptions({ retry, patienceMs }: Scenario): MakeOptions {
  return { ...retry, attemptsMax: retry.attemptsMax ?? Infinity, deadlineMs: patienceMs };
}
