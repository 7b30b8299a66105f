/** How a request over the wire says which one it is. */
import { describePart } from "./parts.ts";

export interface CallName {
  readonly client: number;
  readonly call: number;
}

export interface RequestName extends CallName {
  readonly attempt: number;
  /** Which of the requests of the attempt and of the session reset before it; see `parts.ts`. */
  readonly part: number;
  /** How long its client waits for an answer, from the moment of sending; left out: nobody knows. */
  readonly limitMs?: number;
}

/** The part of a name that says: a request for flags, sent as that call begins. Attempts count from 1. */
export const FLAGS_REQUEST = { attempt: 0, part: 1 } as const;

/** One header for all numbers: each header costs. */
export const REQUEST_NAME_HEADER = "stormproof-request";

export function writeRequestName({ client, call, attempt, part, limitMs }: RequestName): string {
  const name = `${client} ${call} ${attempt} ${part}`;
  return limitMs === undefined ? name : `${name} ${Math.round(limitMs * 1000)}`;
}

/** Undefined for a request of somebody else. */
export function readRequestName(field: string | null | undefined): RequestName | undefined {
  const match = field?.match(/^(\d+) (\d+) (\d+) (\d+)(?: (\d+))?$/);
  if (!match) return undefined;
  const [client, call, attempt, part, limitUs] = match.slice(1).map(Number);
  const name = { client, call, attempt, part };
  return Number.isNaN(limitUs) ? name : { ...name, limitMs: limitUs / 1000 };
}

export function describeRequest({ client, call, attempt, part }: RequestName): string {
  return `client ${client} call ${call} attempt ${attempt}${describePart(part)}`;
}
