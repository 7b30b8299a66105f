/** What is said of a value that is not as the schema has it: what was expected, what came, what was perhaps meant. */
import { z } from "zod";
import { keysElsewhere, nearestTo } from "./nearest.ts";

type RawIssue = z.core.$ZodRawIssue;
type Of<Code extends RawIssue["code"]> = Extract<RawIssue, { code: Code }>;

/** For errors of one schema: all of it is searched for a key that stands in the wrong place. */
export function issueMessages(whole: z.core.$ZodType): z.core.$ZodErrorMap {
  return (issue) => {
    if (issue.code === "unrecognized_keys") return unknownKey(issue, whole);
    const value = valueAt(issue);
    return `${expectation(issue)}, got ${show(value)}${hint(issue, value)}`;
  };
}

/** As JSON has it, and no longer than a line can bear. */
export function show(value: unknown): string {
  if (value === undefined) return "nothing";
  // JSON has no NaN and no Infinity, and no big integers.
  const isData = typeof value === "string" || typeof value === "object";
  const text = isData ? (JSON.stringify(value) ?? "nothing") : String(value);
  return text.length > SHOWN_MAX ? `${text.slice(0, SHOWN_MAX - 1)}…` : text;
}

const SHOWN_MAX = 60;

function unknownKey(issue: Of<"unrecognized_keys">, whole: z.core.$ZodType) {
  const { keys, inst, path = [] } = issue;
  const [key] = keys;
  const known = inst instanceof z.ZodObject ? Object.keys(inst.shape) : [];
  const near = nearestTo(key, known);
  const meant = near === undefined ? keysElsewhere(key, whole) : [near];
  // Objects of another kind have it, in this very place.
  const here = [...path.filter((step) => typeof step === "string"), key].join(".");
  if (meant.includes(here)) {
    return `${show(key)} does not go with this kind; there are ${listed(known, "and")}.`;
  }
  if (meant.length === 0) return `unknown key ${show(key)}; there are ${listed(known, "and")}.`;
  const unit = near?.endsWith("Ms") && !/ms$/i.test(key) ? ", in milliseconds" : "";
  return `unknown key ${show(key)}; did you mean ${listed(meant.map(show), "or")}${unit}?`;
}

/** An issue of a discriminated union has the whole object. */
function valueAt(issue: RawIssue): unknown {
  const isKind = issue.code === "invalid_union" && issue.discriminator !== undefined;
  return isKind ? Object(issue.input)[issue.discriminator ?? ""] : issue.input;
}

function expectation(issue: RawIssue): string {
  switch (issue.code) {
    case "invalid_type":
      return `expected ${TYPES[issue.expected] ?? issue.expected}`;
    case "invalid_value":
    case "invalid_union":
      return `expected ${listed(optionsOf(issue), "or")}`;
    case "too_small":
      return `expected ${issue.inclusive ? "at least" : "more than"} ${amount(issue.minimum, issue.origin)}`;
    case "too_big":
      return `expected ${issue.inclusive ? "at most" : "less than"} ${amount(issue.maximum, issue.origin)}`;
    case "not_multiple_of":
      return `expected a multiple of ${issue.divisor}`;
    default:
      return issue.message ?? "expected another value";
  }
}

const TYPES: Readonly<Record<string, string>> = {
  number: "a number",
  int: "a whole number",
  string: "a text in quotes",
  boolean: "true or false",
  array: "a list in [ ]",
  object: "an object in { }",
};

function optionsOf(issue: Of<"invalid_value"> | Of<"invalid_union">): string[] {
  if (issue.code === "invalid_value") return issue.values.map(show);
  if (issue.inclusive !== false && issue.options) return issue.options.map(show);
  return issue.errors.flatMap(([first]) =>
    first.code === "invalid_type" ? [TYPES[first.expected] ?? first.expected] : [],
  );
}

function amount(limit: number | bigint, origin: string): string {
  if (origin === "array") return limit === 1 ? "1 item" : `${limit} items`;
  if (origin === "string") return limit === 1 ? "1 character" : `${limit} characters`;
  return String(limit);
}

function hint(issue: RawIssue, value: unknown): string {
  if (typeof value !== "string") return ".";
  const isNumber = value.trim() !== "" && Number.isFinite(Number(value));
  if (issue.code === "invalid_type" && isNumber) return ": leave the quotes out.";
  if (issue.code !== "invalid_value" && issue.code !== "invalid_union") return ".";
  const near = nearestTo(JSON.stringify(value), optionsOf(issue));
  return near === undefined ? "." : `; did you mean ${near}?`;
}

function listed(words: readonly string[], last: "or" | "and"): string {
  const [end = "nothing"] = words.slice(-1);
  return words.length < 2 ? end : `${words.slice(0, -1).join(", ")} ${last} ${end}`;
}
