/**
 * The calls of each client from its first one on, for so long. In the study every client calls at once and
 * then at random; a client that calls at random is one of the study's from its first call on.
 */
import { type CallEnd, SilentTrace } from "../../../src/trace.ts";

export class ClientWindows extends SilentTrace {
  readonly #lengthUs: number;
  /** Of clients whose first call comes later, the run does not show all. */
  readonly #firstMaxUs: number;
  readonly #firstUs: Float64Array;
  #calls = 0;
  #attempts = 0;
  #answered = 0;

  constructor(clients: number, lengthMs: number, runMs: number) {
    super();
    this.#lengthUs = lengthMs * 1000;
    this.#firstMaxUs = (runMs - lengthMs) * 1000;
    this.#firstUs = new Float64Array(clients);
  }

  /** Attempts ÷ calls. */
  load(): number {
    return this.#attempts / this.#calls;
  }

  success(): number {
    return this.#answered / this.#calls;
  }

  override callStarted(atUs: number, client: number, call: number): void {
    if (call === 1) this.#firstUs[client] = atUs;
  }

  override callEnded(
    _atUs: number,
    client: number,
    _call: number,
    attempts: number,
    startedUs: number,
    end: CallEnd,
  ): void {
    const firstUs = this.#firstUs[client];
    if (firstUs > this.#firstMaxUs || startedUs >= firstUs + this.#lengthUs) return;
    this.#calls++;
    this.#attempts += attempts;
    if (end === "answered") this.#answered++;
  }
}
