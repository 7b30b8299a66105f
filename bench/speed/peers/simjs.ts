/** The workload in simjs as its manual writes such things: an entity that uses a facility. */
import { Books } from "./books.ts";
import { Entity, Facility, Random } from "./simjs-library.ts";
import { runEntities } from "./simjs-run.ts";
import type { Length, PeerReport, Workload } from "./workload.ts";

export function runSimjs(workload: Workload, length: Length): PeerReport {
  const { arrivalsPerSecond, serviceSecondsMean, attemptsMax, delayBaseSeconds } = workload;
  const draws = new Random(length.seed);
  const workers = new Facility("workers", Facility.FCFS, workload.workers, workload.places);
  const books = new Books();

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
      this.useFacility(workers, draws.exponential(1 / serviceSecondsMean)).done(this.end, this, [
        attempt,
        begunSeconds,
      ]);
    }

    end(attempt: number, begunSeconds: number): void {
      if (this.callbackMessage >= 0) {
        books.answered++;
        books.responseSeconds += this.time() - begunSeconds;
      } else if (attempt === attemptsMax) books.lost++;
      else {
        const delaySeconds = draws.random() * delayBaseSeconds * 2 ** (attempt - 1);
        this.setTimer(delaySeconds).done(this.attempt, this, [attempt + 1, begunSeconds]);
      }
    }
  }

  return runEntities(Clients, books, length);
}
