/** docs/api.md, from the doc comments. */
import { ENTRIES, sourceOf, specifierOf } from "../package/entries.ts";
import { type Declaration, entryAt, findDeclaration, type Member } from "./declarations.ts";

const HEAD = `# API

Every export of every entry, in a line each, and every option. Written from the doc comments by \`test/architecture/api-page.ts\`: the file that a name links to says more, with an example that runs, and has the sources of its formulas and constants.

Times are milliseconds, and say so in their names. A wrong option is a \`TypeError\` or, of a policy, a \`RangeError\`, where it enters: it names the option, what was expected and what came. Calls reject with \`RetryStopped\` when they are given up, with the signal's reason when their caller leaves, and with \`PolicyError\` when a policy answers nonsense.
`;

export function apiPage(): string {
  return [HEAD, ...ENTRIES.map(sectionOf)].join("\n");
}

function sectionOf(entry: string): string {
  const { about, exports } = entryAt(sourceOf(entry));
  const [values, types] = [exports.filter(({ isType }) => !isType), exports.filter(isPlainType)];
  const tables = exports.filter(isOptions);
  return [
    `## ${specifierOf(entry)}\n`,
    `${sentence(about.replace(/^stormproof[\w/]*: /, ""))}\n`,
    ...values.map(lineOf),
    "",
    ...(types.length === 0 ? [] : ["Types:\n", ...types.map(lineOf), ""]),
    ...tables.map(tableOf),
  ].join("\n");
}

/** What a caller writes; adapters also return options, of others. */
function isOptions({ name, members, parents }: Declaration): boolean {
  const isWritten = parents.length > 0 || members.some(({ isOptional }) => isOptional);
  return name.endsWith("Options") && isWritten;
}

function isPlainType(declaration: Declaration): boolean {
  return declaration.isType && !isOptions(declaration);
}

function lineOf(declaration: Declaration): string {
  const { name, file, doc } = declaration;
  const text = [first(doc) || shapeOf(declaration), ...errorsOf(doc)].join(" ");
  return `- ${linkTo(name, file)}: ${text}`;
}

/** Of a type whose name says all. */
function shapeOf(declaration: Declaration): string {
  const { alias } = declaration;
  if (alias !== undefined) return `\`${alias}\``;
  const { members } = inherited(declaration);
  return `\`{ ${members.map(({ name }) => name).join(", ")} }\``;
}

function linkTo(name: string, file: string): string {
  return `[\`${name}\`](../${file})`;
}

/** Of a function, by its tags; of a policy, by the paragraph that begins so. */
function errorsOf(doc: string): string[] {
  const thrown = [...doc.matchAll(/^@throws \{(\w+)\} ?([\s\S]*?)(?=^@|$(?![\s\S]))/gm)].map(
    ([, error, when]) => ended(`Throws \`${error}\`${when.trim() && ` ${line(when)}`}`),
  );
  const paragraph = /^Errors: ([\s\S]*?)(?=\n\n|$(?![\s\S]))/m.exec(doc)?.[1];
  return paragraph === undefined ? thrown : [...thrown, `Errors: ${ended(line(paragraph))}`];
}

function tableOf(declaration: Declaration): string {
  const { name, file, doc } = declaration;
  const { members, others } = inherited(declaration);
  const rows = members.map(rowOf);
  const besides =
    others.length === 0 ? "" : `Those of ${others.join(", ")}${rows.length ? ", and" : "."}`;
  const about = [first(doc), besides].filter((text) => text !== "").join(" ");
  return [
    `### [${name}](../${file})\n`,
    ...(about === "" ? [] : [`${about}\n`]),
    ...(rows.length === 0
      ? []
      : ["| option | type | default | what it does |", "|---|---|---|---|", ...rows, ""]),
  ].join("\n");
}

/** What is not exported has no table of its own, so its members stand in this one. */
function inherited({ members, parents, file }: Declaration) {
  const others: string[] = [];
  const all = [...members];
  for (const parent of parents) {
    const name = /^\w+$/.exec(parent)?.[0];
    const found = name === undefined ? undefined : findDeclaration(file, name);
    if (found === undefined || isOptions(found)) others.push(`\`${parent}\``);
    else {
      const deeper = inherited(found);
      all.push(...deeper.members);
      others.push(...deeper.others);
    }
  }
  return { members: all, others };
}

function rowOf({ name, type, doc }: Member): string {
  const [, what, given] = /^([\s\S]*?)\s*(?:@default |\bDefault(?:: |, ))([\s\S]*)$/.exec(doc) ?? [
    "",
    doc,
    "",
  ];
  const cells = [`\`${name}\``, `\`${type}\``, line(given).replace(/\.$/, ""), line(what)];
  return `| ${cells.map((cell) => cell.replaceAll("|", "\\|")).join(" | ")} |`;
}

/** The first sentence, in one line. */
function first(doc: string): string {
  const [paragraph] = doc.split(/\n\n|\n(?=- |@)/);
  if (paragraph.startsWith("@")) return "";
  const text = line(paragraph);
  return sentence(/^.*?[.:](?= [A-Z`]|$)/.exec(text)?.[0] ?? text);
}

function sentence(text: string): string {
  const end = ended(line(text).replace(/:$/, ""));
  return end.charAt(0).toUpperCase() + end.slice(1);
}

function ended(text: string): string {
  return text === "" || text.endsWith(".") ? text : `${text}.`;
}

function line(text: string): string {
  return text.replaceAll(/\s+/g, " ").trim();
}
