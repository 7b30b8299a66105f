import { isOfReset } from "../parts.ts";

/** Of calls begun, and requests sent, in one stretch of the run. */
export interface Tally {
  calls: number;
  /** Answered within the scenario's patience. */
  answered: number;
  /** Told yes within patience, without the work being done: the client believes it was answered. */
  dropped: number;
  /** Attempts sent, the first included. */
  attempts: number;
  /** All that were sent: those of attempts and of session resets, and those for flags. */
  requests: number;
  resetRequests: number;
  flagRequests: number;
}

/** A request of an attempt or of a session reset was sent. */
export function countRequest(tally: Tally, part: number): void {
  tally.requests++;
  if (part === 0) tally.attempts++;
  if (isOfReset(part)) tally.resetRequests++;
}

export function countFlagRequest(tally: Tally): void {
  tally.requests++;
  tally.flagRequests++;
}

export function addTo(sum: Tally, tally: Tally): void {
  for (const key of Object.keys(sum) as (keyof Tally)[]) sum[key] += tally[key];
}

export function tally(): Tally {
  return {
    calls: 0,
    answered: 0,
    dropped: 0,
    attempts: 0,
    requests: 0,
    resetRequests: 0,
    flagRequests: 0,
  };
}
