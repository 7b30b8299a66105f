/** The calls that have begun and not ended, in reused records. */
import { Call } from "../ask.ts";

export class CallInFlight extends Call {
  inUse = false;
  isWaiting = false;
  waitUntilUs = 0;
  /** When a flag change last woke it; -1 once that is dealt with. */
  wokenAtUs = -1;
  startedUs = 0;
  /** Slot of the request in flight; -1 when there is none. */
  request = -1;
  /** Limit on the session reset in progress. */
  resetUntilUs = 0;
}

export class CallsInFlight {
  readonly #calls: CallInFlight[] = [];
  readonly #free: number[] = [];

  /** Returns its slot. */
  begin(client: number, call: number, atUs: number): number {
    const slot = this.#free.pop() ?? this.#calls.push(new CallInFlight()) - 1;
    const record = this.#calls[slot];
    record.client = client;
    record.call = call;
    record.inUse = true;
    record.isWaiting = false;
    record.wokenAtUs = -1;
    record.startedUs = atUs;
    record.request = -1;
    return slot;
  }

  at(slot: number): CallInFlight {
    return this.#calls[slot];
  }

  end(slot: number): void {
    this.#calls[slot].inUse = false;
    this.#free.push(slot);
  }

  /** Slots in use, in order of client and call. */
  inOrder(): number[] {
    const slots = [...this.#calls.keys()].filter((slot) => this.#calls[slot].inUse);
    return slots.sort((a, b) => {
      const x = this.#calls[a];
      const y = this.#calls[b];
      return x.client - y.client || x.call - y.call;
    });
  }
}
