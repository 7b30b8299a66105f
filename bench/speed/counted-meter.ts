/** The figures of a run, as the bench takes them, and how many events it had. */
import { RunMeter } from "../../src/measure/run-figures.ts";

export class CountedMeter extends RunMeter {
  /**
   * Moments that a plain event queue would have to hold: a call begins, a request reaches the server,
   * a piece of work is done, a client has its answer or waits for it no longer, a wait ends.
   */
  events = 0;

  override callStarted(atUs: number): void {
    this.events++;
    super.callStarted(atUs);
  }

  override requestSent(
    atUs: number,
    client: number,
    call: number,
    attempt: number,
    part: number,
  ): void {
    this.events++;
    super.requestSent(atUs, client, call, attempt, part);
  }

  override requestEnded(): void {
    this.events++;
  }

  override waitStarted(): void {
    this.events++;
  }

  override served(atUs: number, serviceUs: number, late: boolean): void {
    this.events++;
    super.served(atUs, serviceUs, late);
  }
}
