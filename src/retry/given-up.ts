/**
 * What a layer of retries has given up on, so that the layer around it does not begin anew: three layers
 * of three attempts each would be 27. In this process a mark is enough; it stays outside the answer or
 * the error itself, which are the server's and the platform's.
 */
import type { RetryStopped } from "./retry-stopped.ts";

interface Mark {
  readonly story: RetryStopped;
  readonly isFinal: boolean;
  readonly number: number;
}

const marks = new WeakMap<object, Mark>();
let count = 0;

/** `isFinal`: not for a call that was sent once only because this layer may not repeat it. */
export function markGivenUp(value: unknown, story: RetryStopped, isFinal = true): void {
  if (isObject(value)) marks.set(value, { story, isFinal, number: ++count });
}

/** Whether retrying further out would multiply. */
export function isGivenUp(value: unknown): boolean {
  return isObject(value) && marks.get(value)?.isFinal === true;
}

/** The whole story of a Response, or an error, that a call of ours gave up with; undefined of any other. */
export function stopOf(value: unknown): RetryStopped | undefined {
  return isObject(value) ? marks.get(value)?.story : undefined;
}

/** To be handed to `forgetOlder`: all marks up to now are of calls before. */
export function marksSoFar(): number {
  return count;
}

/**
 * What was given up before an attempt began is none of that attempt's: it is one object that comes again
 * and again, a mocked fetch's above all.
 */
export function forgetOlder(value: unknown, marksBefore: number): void {
  if (isObject(value) && (marks.get(value)?.number ?? Infinity) <= marksBefore) marks.delete(value);
}

function isObject(value: unknown): value is object {
  return typeof value === "object" && value !== null;
}
