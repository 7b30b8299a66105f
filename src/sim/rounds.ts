/**
 * The attempts in flight of calls whose policies hedge: each rides in a record of its own, for what is said
 * of one of them is not so of the others. They end together: with the first answer, with an end that no
 * retry can mend, or as the last of them fails.
 */
import { failedTogether } from "../outcome.ts";
import type { Outcome, Send } from "../policy.ts";
import type { Attempts } from "./attempts.ts";
import type { CallWindow } from "./call-window.ts";
import { ASKING, type CallsInFlight } from "./calls-in-flight.ts";

/** Of one call. */
interface Round {
  /** The records of the attempts, in order. */
  readonly riders: number[];
  /** How those failed that are over. */
  failed: Outcome | undefined;
  /** From the sending of the newest attempt. */
  hedgeAfterMs: number | undefined;
  /** When the policy is asked again. */
  hedgeUs: number;
}

export class Rounds {
  readonly #calls: CallsInFlight;
  readonly #attempts: Attempts;
  /** By slot of the call. */
  readonly #rounds = new Map<number, Round>();

  constructor(calls: CallsInFlight, attempts: Attempts) {
    this.#calls = calls;
    this.#attempts = attempts;
  }

  /** Sends an attempt, beside those in flight. `started` is told of its record first. */
  begin(
    nowUs: number,
    slot: number,
    call: CallWindow,
    { hedgeAfterMs, resetSession }: Send,
    started?: (rider: number) => void,
  ): void {
    const { client, call: number, attempt, deadlineMs } = call;
    call.stage = ASKING;
    const round = this.#rounds.get(slot) ?? this.#newRound(slot);
    round.hedgeAfterMs = hedgeAfterMs;
    const rider = this.#calls.begin(client, number);
    round.riders.push(rider);
    started?.(rider);
    const ride = this.#calls.at(rider);
    ride.attempt = attempt;
    ride.deadlineMs = deadlineMs;
    ride.rides = slot;
    this.#attempts.begin(nowUs, rider, ride, resetSession === true);
  }

  /** The newest attempt goes out. Returns when its policy is to be asked whether to hedge; Infinity: never. */
  sent(nowUs: number, slot: number): number {
    const round = this.#of(slot);
    const { hedgeAfterMs } = round;
    return this.#askAt(round, hedgeAfterMs === undefined ? Infinity : inUs(nowUs, hedgeAfterMs));
  }

  /** The same, when it said "later". */
  putOff(nowUs: number, slot: number, delayMs: number): number {
    return this.#askAt(this.#of(slot), inUs(nowUs, delayMs));
  }

  /** Whether the policy is to be asked now; it is asked once. */
  takeHedge(nowUs: number, slot: number): boolean {
    const round = this.#rounds.get(slot);
    if (round?.hedgeUs !== nowUs) return false;
    round.hedgeUs = Infinity;
    return true;
  }

  /** One attempt has failed. Returns how the round has; undefined while something is in flight. */
  failed(nowUs: number, rider: number, ride: CallWindow, outcome: Outcome): Outcome | undefined {
    const slot = ride.rides;
    const round = this.#of(slot);
    this.#end(round, rider);
    // What fails is not slow: nothing more is sent beside what is left, and nothing before a Retry-After.
    round.hedgeUs = Infinity;
    round.failed = failedTogether(round.failed, outcome);
    if (round.riders.length > 0 && outcome.kind !== "fatal") return undefined;
    this.#leave(nowUs, slot, round);
    return round.failed;
  }

  /** One attempt was answered: nobody waits for the others. */
  answered(nowUs: number, rider: number, ride: CallWindow): void {
    const slot = ride.rides;
    const round = this.#of(slot);
    this.#end(round, rider);
    this.#leave(nowUs, slot, round);
  }

  /** The run is over before them. Returns whether the call has such attempts. */
  endUnfinished(endUs: number, slot: number): boolean {
    const round = this.#rounds.get(slot);
    if (round === undefined) return false;
    for (const rider of round.riders)
      this.#attempts.endUnfinished(endUs, rider, this.#calls.at(rider));
    return true;
  }

  #newRound(slot: number): Round {
    const round = { riders: [], failed: undefined, hedgeAfterMs: undefined, hedgeUs: Infinity };
    this.#rounds.set(slot, round);
    return round;
  }

  #of(slot: number): Round {
    const round = this.#rounds.get(slot);
    if (round === undefined) throw new Error(`The call in slot ${slot} has nothing in flight.`);
    return round;
  }

  #askAt(round: Round, us: number): number {
    round.hedgeUs = us;
    return us;
  }

  #leave(nowUs: number, slot: number, round: Round): void {
    for (const rider of round.riders) {
      this.#attempts.abandon(nowUs, rider, this.#calls.at(rider));
      this.#calls.end(rider);
    }
    this.#rounds.delete(slot);
  }

  #end({ riders }: Round, rider: number): void {
    riders.splice(riders.indexOf(rider), 1);
    this.#calls.end(rider);
  }
}

function inUs(nowUs: number, delayMs: number): number {
  return nowUs + Math.round(delayMs * 1000);
}
