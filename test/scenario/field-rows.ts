/**
 * A row for each field of a JSON Schema: its path, what it may be, its default, what it means. What is like
 * a field of the outermost object is not told again.
 */
import type { SchemaNode } from "./scenario-schema.ts";

export function fieldRows(node: SchemaNode, prefix = "", outermost = node): string[][] {
  const own = Object.entries(node.properties ?? {}).flatMap(([name, field]) => {
    const path = `${prefix}${name}`;
    const isRequired = node.required?.includes(name) === true;
    const isKind = field.const !== undefined;
    // What a kind is about stands with the field that names it.
    const meaning = (isKind ? node.description : field.description) ?? "";
    const row = [`\`${path}\``, value(field), defaultOf(field, isRequired)];
    if (prefix !== "" && isSame(field, outermost.properties?.[name])) {
      return [[...row, `${meaning} As \`${name}\` above.`]];
    }
    return [[...row, meaning], ...fieldRows(field, `${path}.`, outermost)];
  });
  const kinds = (node.oneOf ?? []).flatMap((kind) => fieldRows(kind, prefix, outermost));
  const { items } = node;
  const ofItems = items ? fieldRows(items, `${prefix.slice(0, -1)}[].`, outermost) : [];
  return [...own, ...kinds, ...ofItems];
}

/** Of fields that have fields of their own. */
function isSame(field: SchemaNode, other: SchemaNode | undefined): boolean {
  const isDeep = [field.properties, field.items, field.oneOf].some((part) => part !== undefined);
  return isDeep && JSON.stringify(field) === JSON.stringify(other);
}

function value(node: SchemaNode): string {
  if (node.const !== undefined) return code(node.const);
  if (node.enum !== undefined) return node.enum.map(code).join(" or ");
  if (node.anyOf !== undefined) return node.anyOf.map((option) => value(option)).join(" or ");
  if (node.oneOf !== undefined) return "one of";
  if (node.type === "array") return "list";
  if (node.type === "null") return "`null`";
  if (node.type === "number" || node.type === "integer") return numbers(node);
  const types = [node.type ?? "object"].flat();
  return types.map((type) => (type === "string" ? "text" : type)).join(" or ");
}

/** The longest time there is: a bound to nobody. */
const A_YEAR_MS = 31_536_000_000;

function numbers({ type, minimum, exclusiveMinimum, maximum }: SchemaNode): string {
  const what = type === "integer" ? "whole number" : "number";
  const low = exclusiveMinimum === undefined ? minimum : `more than ${exclusiveMinimum}`;
  const high = (maximum ?? Infinity) < A_YEAR_MS ? maximum?.toLocaleString("en") : undefined;
  if (low === undefined) return what;
  return high === undefined ? `${what}, ${low} or more` : `${what}, ${low} to ${high}`;
}

function defaultOf(node: SchemaNode, isRequired: boolean): string {
  if (isRequired) return node.const === undefined ? "needed" : "";
  const isWhole = node.default !== undefined && JSON.stringify(node.default) !== "{}";
  return isWhole ? code(node.default) : "";
}

function code(value: unknown): string {
  return `\`${JSON.stringify(value)}\``;
}
