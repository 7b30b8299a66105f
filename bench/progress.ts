/** The bar that shows how far the runs are. Only for people: a pipe or a file sees nothing of it. */
import { Presets, SingleBar } from "cli-progress";

export interface Progress {
  advance(work: number): void;
  stop(): void;
}

export function showProgress(runs: number, work: number): Progress {
  if (!process.stderr.isTTY || !process.stdout.isTTY) return { advance: () => {}, stop: () => {} };
  const bar = new SingleBar(
    {
      format: `{bar} {percentage} % of ${runs} runs, {duration_formatted} gone, {eta_formatted} to go`,
      stream: process.stderr,
      // Fits 80 columns with its text.
      barsize: 24,
      hideCursor: true,
      clearOnComplete: true,
      etaBuffer: 200,
    },
    Presets.shades_classic,
  );
  bar.start(Math.ceil(work), 0);
  return { advance: (step) => bar.increment(step), stop: () => bar.stop() };
}
