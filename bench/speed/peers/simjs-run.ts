/** Runs the clients that are given, in simjs, and keeps the books meanwhile. */
import { cpuSeconds } from "../../stopwatch.ts";
import type { Books } from "./books.ts";
import { Entity, type EntityClass, Sim, simjsVersion } from "./simjs-library.ts";
import type { Length, PeerReport } from "./workload.ts";

export function runEntities(
  clients: typeof EntityClass,
  books: Books,
  { warmUpSeconds, batches, batchSeconds }: Length,
): PeerReport {
  class BookKeeper extends Entity {
    start(): void {
      this.setTimer(warmUpSeconds).done(this.close);
    }

    close(): void {
      books.close();
      this.setTimer(batchSeconds).done(this.close);
    }
  }

  const sim = new Sim();
  sim.addEntity(clients);
  sim.addEntity(BookKeeper);
  const from = cpuSeconds();
  // A second more, for the last batch to close.
  sim.simulate(warmUpSeconds + batches * batchSeconds + 1);
  return books.report(simjsVersion(), cpuSeconds() - from);
}
