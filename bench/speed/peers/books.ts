/** Counts what happens, and closes a batch whenever it is told to. */
import type { Batch, PeerReport } from "./workload.ts";

export class Books {
  calls = 0;
  attempts = 0;
  answered = 0;
  lost = 0;
  responseSeconds = 0;
  readonly #closed: Batch[] = [];

  /** Everything so far, as a batch that begins with the run. */
  close(): void {
    const { calls, attempts, answered, lost, responseSeconds } = this;
    this.#closed.push({ calls, attempts, answered, lost, responseSeconds });
  }

  report(version: string, cpuSeconds: number): PeerReport {
    const events = this.attempts + 2 * this.answered;
    const batches = this.#closed.slice(1).map((batch, index) => since(batch, this.#closed[index]));
    return { version, cpuSeconds, events, batches };
  }
}

function since(batch: Batch, before: Batch): Batch {
  return {
    calls: batch.calls - before.calls,
    attempts: batch.attempts - before.attempts,
    answered: batch.answered - before.answered,
    lost: batch.lost - before.lost,
    responseSeconds: batch.responseSeconds - before.responseSeconds,
  };
}
