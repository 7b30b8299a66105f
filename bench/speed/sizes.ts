/** The same surge with ever more clients: what an event and a client cost. */
import { z } from "zod";
import { ownProgram } from "../child.ts";
import { median } from "../median.ts";
import type { Part, RunProgram } from "./part.ts";
import type { SizeResult } from "./speed-schema.ts";
import { CLIENTS_MAX } from "./surge.ts";

const SizeReportSchema = z.strictObject({
  runs: z.int(),
  events: z.number(),
  peakBytes: z.number(),
  seconds: z.number(),
  cpuSeconds: z.number(),
  gcPauseMs: z.number(),
});

type SizeReport = z.infer<typeof SizeReportSchema>;

/** One run of each size, and of a single client, whose process is what any run needs. */
interface Round {
  readonly sizes: readonly SizeReport[];
  readonly bare: SizeReport;
}

/** A small run is repeated until there were so many, or it would measure how V8 warms up. */
const EVENTS_MIN = 10_000_000;

/** Smaller runs pay for their beginning more than for their clients. */
const GROWTH_FROM = 100_000;

export class Sizes implements Part {
  readonly #clients: readonly number[];
  readonly #eventsMin: number;
  readonly #rounds: Round[] = [];

  constructor(isSmoke: boolean) {
    this.#clients = isSmoke ? [1_000, 10_000] : [1e3, 1e4, 1e5, 1e6, 1e7, CLIENTS_MAX];
    this.#eventsMin = isSmoke ? 0 : EVENTS_MIN;
  }

  get programs(): number {
    return this.#clients.length + 1;
  }

  async measure(seed: number, run: RunProgram): Promise<void> {
    const module = new URL("./size-run.ts", import.meta.url);
    const size = (clients: number, eventsMin: number) =>
      run(ownProgram(module, { clients, seed, eventsMin }), SizeReportSchema);
    const bare = await size(1, 0);
    const sizes: SizeReport[] = [];
    for (const clients of this.#clients) sizes.push(await size(clients, this.#eventsMin));
    this.#rounds.push({ sizes, bare });
  }

  results(): SizeResult[] {
    return this.#clients.map((clients, index) => {
      const over = (value: (report: SizeReport, round: Round) => number) =>
        median(this.#rounds.map((round) => value(round.sizes[index], round)));
      return {
        clients,
        eventsOfRun: over(({ events, runs }) => events / runs),
        secondsOfRun: over(({ seconds, runs }) => seconds / runs),
        cpuSecondsOfRun: over(({ cpuSeconds, runs }) => cpuSeconds / runs),
        nanosecondsAnEvent: over(({ cpuSeconds, events }) => (cpuSeconds / events) * 1e9),
        bytesAClient: over(({ peakBytes }, { bare }) => (peakBytes - bare.peakBytes) / clients),
        peakBytes: over(({ peakBytes }) => peakBytes),
        gcPauseMs: over(({ gcPauseMs }) => gcPauseMs),
      };
    });
  }

  /** How many times as much an event costs with all clients as with few; null when not measured. */
  growth(): number | null {
    const few = this.#clients.indexOf(GROWTH_FROM);
    const all = this.#clients.indexOf(CLIENTS_MAX);
    if (few < 0 || all < 0) return null;
    const cost = ({ cpuSeconds, events }: SizeReport) => cpuSeconds / events;
    return median(this.#rounds.map(({ sizes }) => cost(sizes[all]) / cost(sizes[few])));
  }
}
