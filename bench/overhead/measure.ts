/** Measures every wrapper, round by round, and makes ratios of each round. */
import { z } from "zod";
import manifest from "../../package.json" with { type: "json" };
import { ownProgram, runProgram } from "../child.ts";
import { machine } from "../machine.ts";
import { median } from "../median.ts";
import { showProgress } from "../progress.ts";
import type { Arguments } from "./arguments.ts";
import type { Overhead, WrapperResult } from "./overhead-schema.ts";
import { GROUPS, type Wrapper } from "./wrappers.ts";

export async function measure(
  { rounds, smoke }: Pick<Arguments, "rounds" | "smoke">,
  signal: AbortSignal,
): Promise<Overhead> {
  const length = smoke ? LENGTH_OF_SMOKE : LENGTH;
  const all = GROUPS.flatMap(({ wrappers }, group) =>
    wrappers.map((_wrapper, wrapper) => ({ group, wrapper, nanoseconds: [] as number[] })),
  );
  const progress = showProgress(rounds * all.length, rounds * all.length);
  try {
    for (let round = 1; round <= rounds; round++) {
      // There and back, so that a machine that gets slower does so for all alike.
      for (const { group, wrapper, nanoseconds } of round % 2 === 1 ? all : all.toReversed()) {
        const program = ownProgram(RUN, { group, wrapper, ...length }, AS_APPS_RUN);
        const { calls, cpuSeconds } = await runProgram(program, ReportSchema, signal);
        nanoseconds.push((cpuSeconds / calls) * 1e9);
        progress.advance(1);
      }
    }
  } finally {
    progress.stop();
  }
  const groups = GROUPS.map(({ what, wrappers }, group) => {
    const costs = all.filter((one) => one.group === group).map(({ nanoseconds }) => nanoseconds);
    const results = wrappers.map((wrapper, n) => resultOf(wrapper, costs[n], costs[0], smoke));
    return { what, wrappers: results };
  });
  return { machine: machine(), smoke, rounds, groups };
}

/** Without options for V8. */
const AS_APPS_RUN: readonly string[] = [];
const RUN = new URL("./wrapper-run.ts", import.meta.url);
const LENGTH = { warmUpSeconds: 0.5, seconds: 1 };
const LENGTH_OF_SMOKE = { warmUpSeconds: 0.001, seconds: 0.001 };

const ReportSchema = z.strictObject({ calls: z.number(), cpuSeconds: z.number() });

function resultOf(
  wrapper: Wrapper,
  costs: readonly number[],
  ours: readonly number[],
  smoke: boolean,
): WrapperResult {
  const ratios = costs.map((cost, round) => ours[round] / cost);
  const ratio = { median: median(ratios), min: Math.min(...ratios), max: Math.max(...ratios) };
  const { name, goal = null } = wrapper;
  return {
    name,
    version: versionOf(wrapper.package),
    nanosecondsACall: median(costs),
    ratio,
    goal,
    isMet: goal === null || smoke ? null : ratio.median <= goal,
  };
}

/** They are pinned. */
function versionOf(name: string | undefined): string {
  const { version, dependencies, devDependencies } = manifest;
  const versions: Readonly<Record<string, string>> = { ...dependencies, ...devDependencies };
  return name === undefined ? version : versions[name];
}
