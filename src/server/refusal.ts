/** How the server does away with a request without doing its work. */
import { outcomeOfStatus } from "../outcome.ts";
import type { RejectionSpec } from "../scenario.ts";
import type { RequestEnd } from "../trace.ts";

export interface Refusal {
  /** What its client is told. */
  readonly end: RequestEnd;
  /** What telling it takes of a worker's time; 0 is free. */
  readonly costUs: number;
  /** Where the server's books count it. */
  readonly countedAs: "rejected" | "failed" | "dropped" | "expired";
}

export const CONNECTION_LOST: Refusal = {
  end: Object.freeze({ kind: "connection" }),
  costUs: 0,
  countedAs: "failed",
};

/** The client is told yes, and nothing is done. */
export const DROPPED: Refusal = {
  end: Object.freeze({ kind: "answered", dropped: true }),
  costUs: 0,
  countedAs: "dropped",
};

export function refusalOf({ status, retryAfterMs, costMs }: RejectionSpec): Refusal {
  const end = outcomeOfStatus(status, retryAfterMs);
  return { end, costUs: costMs * 1000, countedAs: "rejected" };
}
