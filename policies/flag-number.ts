import type { Flags } from "../src/policy.ts";

/** What the flag says; the fallback without it, or when it is no finite number ≥ 0. */
export function flagNumber(flags: Flags, name: string, fallback: number): number {
  const value = flags.number(name, fallback);
  return Number.isFinite(value) && value >= 0 ? value : fallback;
}
