/**
 * How options are checked: once, when a policy is made, in whole sentences. A policy that starts with
 * a NaN would otherwise retry in a busy loop.
 */

/** Without this a misspelled option would silently mean its default. */
export function expectKnown(options: object, known: readonly string[]): void {
  for (const name of Object.keys(options)) {
    if (known.includes(name)) continue;
    throw new TypeError(`Expected only the options ${list(known)}, got \`${name}\`.`);
  }
}

/** A finite number from `min` on; `minName` is the option that sets the minimum, if one does. */
export function expectAtLeast(name: string, value: number, min: number, minName?: string): void {
  const bound = minName === undefined ? `a finite number ≥ ${min}` : `≥ \`${minName}\` (${min})`;
  expect(name, value, bound, Number.isFinite(value) && value >= min);
}

export function expectAbove0(name: string, value: number): void {
  expect(name, value, "a finite number > 0", Number.isFinite(value) && value > 0);
}

export function expectAtMost(name: string, value: number, max: number, maxName: string): void {
  expect(name, value, `≤ \`${maxName}\` (${max})`, value <= max);
}

export function expectAttemptsMax(value: number): void {
  const isCount = Number.isInteger(value) || value === Infinity;
  expect("attemptsMax", value, "an integer ≥ 1 or Infinity", isCount && value >= 1);
}

/** Rounding would hand out more, or less, than what was promised. */
export function expectThousandths(name: string, value: number): void {
  const thousandths = value * 1000;
  const isWhole = Math.abs(thousandths - Math.round(thousandths)) < 1e-6;
  const isSafe = value >= 0 && thousandths <= Number.MAX_SAFE_INTEGER;
  expect(name, value, "a multiple of 0.001 and ≥ 0", Number.isFinite(value) && isWhole && isSafe);
}

export function expect(name: string, value: unknown, bound: string, holds: boolean): void {
  if (holds) return;
  const got = typeof value === "string" ? JSON.stringify(value) : String(value);
  throw new RangeError(`Expected \`${name}\` to be ${bound}, got ${got}.`);
}

function list(names: readonly string[]): string {
  return names.map((name) => `\`${name}\``).join(", ");
}
