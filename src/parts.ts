/**
 * The requests that an attempt and the session reset before it send, by number: 0 is the attempt's first
 * request, 1 to 100 are those of the reset, and from 101 on come the attempt's further ones.
 */

/** The most that one session reset sends. */
export const RESET_REQUESTS_MAX = 100;
/** The most that one attempt sends. */
export const ATTEMPT_REQUESTS_MAX = 20;

export function isOfReset(part: number): boolean {
  return part > 0 && part <= RESET_REQUESTS_MAX;
}

/** The part of the attempt's n-th request, from 0. */
export function partOfRequest(n: number): number {
  return n === 0 ? 0 : RESET_REQUESTS_MAX + n;
}

/** The n of `partOfRequest`. */
export function requestOfPart(part: number): number {
  return part === 0 ? 0 : part - RESET_REQUESTS_MAX;
}

export function describePart(part: number): string {
  if (part === 0) return "";
  return isOfReset(part) ? ` reset request ${part}` : ` request ${requestOfPart(part) + 1}`;
}
