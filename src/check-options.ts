/**
 * How options are checked: once, where they enter, by a table of what each has to be. A name that is not in
 * the table is refused too: whoever comes from another library tries its names, and they must not silently
 * mean nothing.
 */

export type Check = readonly [what: string, holds: (value: unknown) => boolean];

/** Of every option that there is. */
export type Checks<Options> = { readonly [Name in keyof Required<Options>]: Check };

export const FUNCTION: Check = ["a function", (value) => typeof value === "function"];
export const BOOLEAN: Check = ["true or false", (value) => typeof value === "boolean"];
export const OBJECT: Check = ["an object", (value) => typeof value === "object" && value !== null];

/** By its methods, so that an object of another realm, or somebody's own, still works. */
export function objectWith(...methods: string[]): Check {
  const has = (value: unknown) =>
    methods.every((name) => FUNCTION[1]((value as Record<string, unknown> | null)?.[name]));
  return [`an object with ${methods.join(", ")}`, has];
}

export function oneOf(...words: string[]): Check {
  return [
    words.map((word) => `"${word}"`).join(" or "),
    (value) => words.includes(value as string),
  ];
}

/** @throws {TypeError} naming the first option that is wrong */
export function checkOptions(name: string, options: object, checks: Checks<object>): void {
  check(name, options, OBJECT);
  for (const [key, value] of Object.entries(options)) {
    const wanted = (checks as Record<string, Check>)[key];
    if (wanted) check(key, value, wanted);
    else {
      const known = Object.keys(checks).map((key) => `\`${key}\``);
      const isPolicys = "policy" in checks && OF_POLICIES.test(key);
      const hint = isPolicys ? " That is the policy's: `vetted({ attemptsMax })`." : "";
      throw new TypeError(`Expected only the options ${known.join(", ")}, got \`${key}\`.${hint}`);
    }
  }
}

/** How other libraries call what is a policy's here. */
const OF_POLICIES = /retr(y|ies)|attempt|delay|factor|backoff/i;

/** @throws {TypeError} saying what the value has to be; undefined is as good as not there. */
export function check(name: string, value: unknown, [what, holds]: Check): void {
  if (value === undefined || holds(value)) return;
  const got = typeof value === "function" ? `the function ${value.name}` : String(value);
  throw new TypeError(`Expected \`${name}\` to be ${what}, got ${got}.`);
}
