/**
 * The calls that have begun and not ended, each a record of 88 bytes and no object: a storm has
 * millions. They are read and written one at a time, through `at`.
 */
import { CallWindow } from "./call-window.ts";

export class CallsInFlight {
  readonly #window = new CallWindow();
  readonly #free: number[] = [];
  #used = 0;

  /** Returns its slot. */
  begin(client: number, call: number): number {
    const slot = this.#free.pop() ?? this.#newSlot();
    const record = this.at(slot);
    record.client = client;
    record.call = call;
    record.attempt = 0;
    record.stage = DECIDING;
    record.isWoken = false;
    record.request = -1;
    record.rides = -1;
    return slot;
  }

  /** The call in that slot; valid until the next `at` or `begin`. */
  at(slot: number): CallWindow {
    this.#window.moveTo(slot);
    return this.#window;
  }

  end(slot: number): void {
    this.at(slot).stage = ENDED;
    this.#free.push(slot);
  }

  /** Slots of calls, in their order. */
  inOrder(): Int32Array {
    const slots = Int32Array.from({ length: this.#used }, (_, slot) => slot);
    const calls = slots.filter((slot) => this.#isCall(this.at(slot)));
    return calls.sort((a, b) => (this.precedes(a, b) ? -1 : 1));
  }

  /** What is due in one tick goes by client and call. */
  readonly precedes = (slot: number, other: number): boolean => this.#window.precedes(slot, other);

  #isCall({ stage, rides }: CallWindow): boolean {
    return stage !== ENDED && rides < 0;
  }

  #newSlot(): number {
    this.#window.makeRoomFor(++this.#used);
    return this.#used - 1;
  }
}

// What a call is doing.
export const ENDED = 0;
export const DECIDING = 1;
export const WAITING = 2;
export const ASKING = 3;
/** In line behind another call to the same recipient. */
export const IN_LINE = 4;
/** It has come up in its line, and begins in this tick. */
export const AT_TURN = 5;
