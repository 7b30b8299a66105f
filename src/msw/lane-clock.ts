/**
 * The helper's clock in the MSW lane. It knows whose timers it holds, so that what is due in the same
 * tick fires in order of client and call; timeouts and wakes are kept apart, for all timeouts come first.
 */
import { AsyncLocalStorage } from "node:async_hooks";
import type { Clock } from "../clock.ts";
import { EventQueue } from "../events/event-queue.ts";
import type { CallName } from "../request-name.ts";

export interface Due {
  readonly name: CallName;
  readonly fire: () => void;
}

/** The call on whose behalf the code now running runs. */
export const currentCall = new AsyncLocalStorage<CallName>();

const TICK_US = 1000;

export class LaneClock implements Clock {
  nowUs = 0;
  readonly #timeouts = new DueQueue();
  readonly #wakes = new DueQueue();
  #isChangingFlags = false;

  nowMs(): number {
    return this.nowUs / 1000;
  }

  timeout(delayMs: number, fire: () => void): () => void {
    return this.#timeouts.add(this.#tickAfter(delayMs), callOf("timeout"), fire);
  }

  sleep(delayMs: number, signal?: AbortSignal): Promise<void> {
    const name = callOf("sleep");
    return new Promise((resolve, reject) => {
      if (signal?.aborted) {
        reject(signal.reason);
        return;
      }
      const onAbort = () => {
        cancel();
        const wake = () => reject(signal?.reason);
        // Flags change first in a tick, but the calls they wake take their turn among the wakes.
        if (this.#isChangingFlags) this.#wakes.add(this.nowUs, name, wake);
        else wake();
      };
      const cancel = this.#wakes.add(this.#tickAfter(delayMs), name, () => {
        signal?.removeEventListener("abort", onAbort);
        resolve();
      });
      signal?.addEventListener("abort", onAbort, { once: true });
    });
  }

  /** Runs the listeners of a flag change: the waits they end are woken later in this tick. */
  changeFlags(tellListeners: () => void): void {
    this.#isChangingFlags = true;
    tellListeners();
    this.#isChangingFlags = false;
  }

  nextAtUs(): number {
    return Math.min(this.#timeouts.nextAtUs(), this.#wakes.nextAtUs());
  }

  /** Takes out the next timeout that is due; undefined when none is. */
  takeTimeout(): Due | undefined {
    return this.#timeouts.take(this.nowUs);
  }

  /** As `takeTimeout`, of the ends of waits. */
  takeWake(): Due | undefined {
    return this.#wakes.take(this.nowUs);
  }

  #tickAfter(delayMs: number): number {
    return Math.ceil((this.nowUs + delayMs * 1000) / TICK_US) * TICK_US;
  }
}

function callOf(what: string): CallName {
  const name = currentCall.getStore();
  if (name === undefined)
    throw new Error(`The lane's clock was asked for a ${what} outside a call.`);
  return name;
}

class DueQueue {
  readonly #names: CallName[] = [];
  /** Attempts of one call in flight together go in the order in which they were sent. */
  readonly #numbers: number[] = [];
  #added = 0;
  readonly #due: (Due | undefined)[] = [];
  readonly #queue = new EventQueue((slot, other) => this.#precedes(slot, other));
  readonly #free: number[] = [];

  add(atUs: number, name: CallName, fire: () => void): () => void {
    const slot = this.#free.pop() ?? this.#due.length;
    const due = { name, fire };
    this.#due[slot] = due;
    this.#names[slot] = name;
    this.#numbers[slot] = ++this.#added;
    this.#queue.push(atUs, slot);
    return () => {
      if (this.#due[slot] === due) this.#due[slot] = undefined;
    };
  }

  nextAtUs(): number {
    return this.#queue.nextAtUs();
  }

  take(nowUs: number): Due | undefined {
    while (this.#queue.nextAtUs() <= nowUs) {
      const slot = this.#queue.pop();
      const due = this.#due[slot];
      this.#due[slot] = undefined;
      this.#free.push(slot);
      if (due !== undefined) return due;
    }
    return undefined;
  }

  #precedes(slot: number, other: number): boolean {
    const a = this.#names[slot];
    const b = this.#names[other];
    if (a.client !== b.client) return a.client < b.client;
    return a.call === b.call ? this.#numbers[slot] <= this.#numbers[other] : a.call < b.call;
  }
}
