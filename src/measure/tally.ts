/** Of calls begun, and requests sent, in one stretch of the run. */
export interface Tally {
  calls: number;
  /** Answered within the scenario's patience. */
  answered: number;
  /** Told yes within patience, without the work being done: the client believes it was answered. */
  dropped: number;
  /** Attempts sent, the first included. */
  attempts: number;
  /** All that reach the server: those of attempts and of session resets, and those for flags. */
  requests: number;
  resetRequests: number;
  flagRequests: number;
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
