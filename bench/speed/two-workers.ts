/** What a second core is worth. */
import { z } from "zod";
import { ownProgram } from "../child.ts";
import { median } from "../median.ts";
import type { Part, RunProgram } from "./part.ts";
import type { WorkersResult } from "./speed-schema.ts";

const WorkersReportSchema = z.strictObject({ seconds: z.tuple([z.number(), z.number()]) });

/** Some ten seconds of work: to load and compile the simulator takes each thread one. */
const RUNS = 32;

interface Round {
  readonly oneSeconds: number;
  readonly twoSeconds: number;
}

export class TwoWorkers implements Part {
  readonly programs = 1;
  readonly #isSmoke: boolean;
  readonly #rounds: Round[] = [];

  constructor(isSmoke: boolean) {
    this.#isSmoke = isSmoke;
  }

  async measure(round: number, run: RunProgram): Promise<void> {
    // By turns, for whoever comes later finds another machine.
    const isOneFirst = round % 2 === 1;
    const program = ownProgram(new URL("./workers-run.ts", import.meta.url), {
      clients: this.#isSmoke ? 1_000 : 200_000,
      seeds: Array.from({ length: this.#isSmoke ? 2 : RUNS }, (_, index) => index + 1),
      workers: isOneFirst ? [1, 2] : [2, 1],
    });
    const { seconds } = await run(program, WorkersReportSchema);
    const [oneSeconds, twoSeconds] = isOneFirst ? seconds : seconds.toReversed();
    this.#rounds.push({ oneSeconds, twoSeconds });
  }

  result(): WorkersResult {
    const over = (value: (round: Round) => number) => median(this.#rounds.map(value));
    return {
      oneSeconds: over(({ oneSeconds }) => oneSeconds),
      twoSeconds: over(({ twoSeconds }) => twoSeconds),
      ratio: over(({ oneSeconds, twoSeconds }) => oneSeconds / twoSeconds),
    };
  }
}
