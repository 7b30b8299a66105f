/**
 * What a layer of retries has given up on, so that the layer around it does not begin anew: three layers
 * of three attempts each would be 27. In this process a mark is enough; it stays outside the answer or
 * the error itself, which are the server's and the platform's.
 */
import type { RetryStopped } from "./retry-stopped.ts";

const stories = new WeakMap<object, RetryStopped>();

export function markGivenUp(value: unknown, story: RetryStopped): void {
  if (isObject(value)) stories.set(value, story);
}

/**
 * The whole story of a Response, or an error, that a retrying fetch gave up with; undefined of any other.
 */
export function stopOf(value: unknown): RetryStopped | undefined {
  return isObject(value) ? stories.get(value) : undefined;
}

function isObject(value: unknown): value is object {
  return typeof value === "object" && value !== null;
}
