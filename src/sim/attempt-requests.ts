/** What is in flight of attempts that send several requests, by slot of their call. */
import { ATTEMPT_REQUESTS_MAX } from "../parts.ts";

export class AttemptRequests {
  #rows = new Int32Array(64 * WIDTH);

  /** A new attempt of that call begins. */
  begin(slot: number): void {
    this.#makeRoomFor(slot);
    const at = slot * WIDTH;
    this.#rows.fill(-1, at, at + WIDTH);
    this.#rows[at + ANSWERED] = 0;
    this.#rows[at + DROPPED] = 0;
  }

  /** @param n which of them, from 0 */
  sent(slot: number, n: number, request: number): void {
    this.#rows[slot * WIDTH + REQUESTS + n] = request;
  }

  failed(slot: number, n: number): void {
    this.#rows[slot * WIDTH + REQUESTS + n] = -1;
  }

  /** Returns how many of the attempt's requests were answered so far. */
  answered(slot: number, n: number, dropped: boolean): number {
    const at = slot * WIDTH;
    this.#rows[at + REQUESTS + n] = -1;
    if (dropped) this.#rows[at + DROPPED] = 1;
    return ++this.#rows[at + ANSWERED];
  }

  /** Whether one of the answers said yes to work that was not done. */
  isDropped(slot: number): boolean {
    return this.#rows[slot * WIDTH + DROPPED] === 1;
  }

  /** The requests not yet answered, in the order in which they were sent. */
  inFlight(slot: number): Int32Array {
    const at = slot * WIDTH;
    return this.#rows.subarray(at + REQUESTS, at + WIDTH).filter((request) => request >= 0);
  }

  #makeRoomFor(slot: number): void {
    if ((slot + 1) * WIDTH <= this.#rows.length) return;
    const rows = new Int32Array(Math.ceil((slot + 1) * 1.5) * WIDTH);
    rows.set(this.#rows);
    this.#rows = rows;
  }
}

const ANSWERED = 0;
const DROPPED = 1;
const REQUESTS = 2;
const WIDTH = REQUESTS + ATTEMPT_REQUESTS_MAX;
