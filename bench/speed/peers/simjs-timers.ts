/**
 * The workload in simjs with nothing of it but timers: no facility, which keeps statistics that nobody
 * asks for here, but a queue of our own. No way to use simjs was found that is faster.
 */
import { Books } from "./books.ts";
import { Entity, Random } from "./simjs-library.ts";
import { runEntities } from "./simjs-run.ts";
import type { Length, PeerReport, Workload } from "./workload.ts";

export function runSimjsTimers(workload: Workload, length: Length): PeerReport {
  const { arrivalsPerSecond, serviceSecondsMean, attemptsMax, delayBaseSeconds } = workload;
  const draws = new Random(length.seed);
  const books = new Books();
  const queue: number[] = [];
  let busy = 0;

  class Clients extends Entity {
    start(): void {
      this.setTimer(draws.exponential(arrivalsPerSecond)).done(this.begin);
    }

    begin(): void {
      books.calls++;
      this.attempt(1, this.time());
      this.start();
    }

    attempt(attempt: number, begunSeconds: number): void {
      books.attempts++;
      if (busy < workload.workers) {
        busy++;
        this.serve(begunSeconds);
      } else if (queue.length < workload.places) queue.push(begunSeconds);
      else if (attempt === attemptsMax) books.lost++;
      else {
        const delaySeconds = draws.random() * delayBaseSeconds * 2 ** (attempt - 1);
        this.setTimer(delaySeconds).done(this.attempt, this, [attempt + 1, begunSeconds]);
      }
    }

    serve(begunSeconds: number): void {
      const serviceSeconds = draws.exponential(1 / serviceSecondsMean);
      this.setTimer(serviceSeconds).done(this.end, this, [begunSeconds]);
    }

    end(begunSeconds: number): void {
      books.answered++;
      books.responseSeconds += this.time() - begunSeconds;
      const next = queue.shift();
      if (next === undefined) busy--;
      else this.serve(next);
    }
  }

  return runEntities(Clients, books, length);
}
