import { z } from "zod";
import { show } from "./issue-message.ts";

/** From a file they are in shared memory, so that worker threads need no copy. */
export type Numbers = readonly number[] | Float64Array;

export interface NumbersRule {
  /** Whether a number may follow the one before it, or stand first (after 0). */
  readonly isFine: (value: number, before: number) => boolean;
  /** The rule in words, such as "a number of milliseconds". */
  readonly expected: string;
  /** Of each number, for editors. */
  readonly type: "number" | "integer";
  /** Of each number, for editors. */
  readonly maximum?: number;
}

const NUMBERS_MAX = 100_000_000;

/** A list of numbers, from JSON or from a file; far more of them than zod could look at one by one. */
export function numbers({ isFine, expected, type, maximum }: NumbersRule) {
  const list = z.custom<Numbers>((value) => Array.isArray(value) || value instanceof Float64Array, {
    error: ({ input }) => `expected a list in [ ], got ${show(input)}.`,
  });
  const checked = list.superRefine((values, context) => {
    if (values.length === 0 || values.length > NUMBERS_MAX) {
      const message = `expected 1 to ${NUMBERS_MAX} numbers, got ${values.length}.`;
      context.addIssue({ code: "custom", message });
    }
    const at = firstBad(values, isFine);
    if (at >= 0) {
      const message = `expected ${expected}, got ${show(values[at])}.`;
      context.addIssue({ code: "custom", path: [at], message });
    }
  });
  // Editors cannot look into a rule made of code.
  return checked.meta({
    type: "array",
    minItems: 1,
    items: { type, minimum: 0, ...(maximum !== undefined && { maximum }) },
  });
}

function firstBad(values: Numbers, isFine: NumbersRule["isFine"]): number {
  let before = 0;
  for (let index = 0; index < values.length; index++) {
    const value: unknown = values[index];
    if (typeof value !== "number" || !isFine(value, before)) return index;
    before = value;
  }
  return -1;
}

export function meanOf(values: Numbers): number {
  let sum = 0;
  for (let index = 0; index < values.length; index++) sum += values[index];
  return values.length === 0 ? 0 : sum / values.length;
}

export function largest(values: Numbers): number {
  let max = 0;
  for (let index = 0; index < values.length; index++) max = Math.max(max, values[index]);
  return max;
}
