/** Handed to the application's function, once an attempt. */
export interface Attempt {
  /** Which attempt this is, counted from 1. */
  readonly attempt: number;
  /**
   * How long it may take, from now; Infinity without a limit. Tell it to a server that heeds deadlines: it
   * need not work for a caller who has left.
   */
  readonly limitMs: number;
  /**
   * Aborted when the caller aborts (with the caller's reason), when the attempt's time is up (with a
   * `TimeoutError`), or when another one in flight beside it has ended the call (with an `AbortError`). It
   * serves the attempt only: once the function has answered, nothing aborts it, so read a response's body
   * inside the function.
   */
  readonly signal: AbortSignal;
}

/** The attempt's time is up. Named as `AbortSignal.timeout` names it. */
export class AttemptTimeout extends DOMException {
  constructor(limitMs: number) {
    super(`No answer within ${Math.round(limitMs)} ms.`, "TimeoutError");
  }
}
