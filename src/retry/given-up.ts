/**
 * What a layer of retries has given up on, so that the layer around it does not begin anew: three layers
 * of three attempts each would be 27. In this process a mark is enough; it stays outside the answer or
 * the error itself, which are the server's and the platform's.
 */
import type { RetryStopped } from "./retry-stopped.ts";

const marks = new WeakMap<object, { readonly story: RetryStopped; readonly number: number }>();
let count = 0;

export function markGivenUp(value: unknown, story: RetryStopped): void {
  if (isObject(value)) marks.set(value, { story, number: ++count });
}

/**
 * The whole story of a Response, or an error, that a retrying fetch gave up with; undefined of any other.
 */
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
