/** A JSON schema as the rows of a table for people. */

export interface Node {
  readonly description?: string;
  readonly type?: string | readonly string[];
  readonly enum?: readonly string[];
  readonly anyOf?: readonly Node[];
  readonly properties?: Readonly<Record<string, Node>>;
  readonly items?: Node;
}

/** Each field with its type and meaning, and the fields inside it below. */
export function rowsOf(properties: Readonly<Record<string, Node>>, prefix = ""): string[][] {
  return Object.entries(properties).flatMap(([name, node]) => {
    const isNullable = node.anyOf?.some(({ type }) => type === "null") === true;
    const inner = node.anyOf?.find(({ type }) => type !== "null") ?? node;
    const type = [typeOf(inner), ...(isNullable ? ["null"] : [])].join(" or ");
    const meaning = node.description ?? inner.description ?? inner.items?.description ?? "";
    return [
      [`\`${prefix}${name}\``, type, meaning],
      ...(isInterval(inner) ? [] : rowsOf(inner.properties ?? {}, `${prefix}${name}.`)),
      ...rowsOf(inner.items?.properties ?? {}, `${prefix}${name}[].`),
    ];
  });
}

function typeOf(node: Node): string {
  if (isInterval(node)) return "interval";
  if (node.items !== undefined) return `array of ${typeOf(node.items)}`;
  return (node.enum?.map((value) => `"${value}"`) ?? [node.type].flat()).join(" or ");
}

function isInterval({ properties }: Node): boolean {
  return properties?.mean !== undefined;
}
