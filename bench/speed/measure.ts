/** Measures what was asked for, round by round, and makes results of it. */

import { runProgram } from "../child.ts";
import { machine } from "../machine.ts";
import { showProgress } from "../progress.ts";
import type { Arguments, PartName } from "./arguments.ts";
import { type Figures, goalsOf } from "./goals.ts";
import type { Part, RunProgram } from "./part.ts";
import { findSimPy, withoutSimPy } from "./peers/simpy.ts";
import { Peers } from "./peers.ts";
import { Policies } from "./policies.ts";
import { Sizes } from "./sizes.ts";
import type { Speed } from "./speed-schema.ts";
import { TwoWorkers } from "./two-workers.ts";

export async function measure(asked: Arguments, signal: AbortSignal): Promise<Speed> {
  const { rounds, smoke, pythons } = asked;
  const has = (name: PartName) => asked.parts.includes(name);
  const simPy = has("peers") ? findSimPy(pythons) : undefined;
  const peers = has("peers") ? new Peers(simPy, smoke) : undefined;
  const sizes = has("sizes") ? new Sizes(smoke) : undefined;
  const policies = has("policies") ? new Policies(smoke) : undefined;
  const workers = has("workers") ? new TwoWorkers(smoke) : undefined;
  const parts = [peers, sizes, policies, workers].filter((part) => part !== undefined);
  await measureParts(parts, rounds, signal);
  const figures = {
    peers: peers?.results() ?? [],
    sizes: sizes?.results() ?? [],
    policies: policies?.result() ?? null,
    workers: workers?.result() ?? null,
  };
  const toJudge = smoke ? NOTHING : { ...figures, growth: sizes?.growth() ?? null };
  return {
    machine: machine(),
    smoke,
    rounds,
    goals: goalsOf(toJudge),
    ...figures,
    skipped: has("peers") && simPy === undefined ? [withoutSimPy(pythons)] : [],
  };
}

/** What is tiny says nothing about the goals. */
const NOTHING: Figures = { peers: [], sizes: [], growth: null, policies: null, workers: null };

/** Rounds of all parts rather than all rounds of a part: other work on the machine then meets them all. */
async function measureParts(
  parts: readonly Part[],
  rounds: number,
  signal: AbortSignal,
): Promise<void> {
  const programs = rounds * parts.reduce((sum, part) => sum + part.programs, 0);
  const progress = showProgress(programs, programs);
  const run: RunProgram = async (program, schema) => {
    const report = await runProgram(program, schema, signal);
    progress.advance(1);
    return report;
  };
  try {
    for (let round = 1; round <= rounds; round++) {
      for (const part of parts) await part.measure(round, run);
    }
  } finally {
    progress.stop();
  }
}
