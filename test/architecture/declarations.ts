/** What the package's entries export, with the doc comments that stand where it is declared. */
import { readFileSync } from "node:fs";
import { posix } from "node:path";
import {
  type Comment,
  type Directive,
  parseSync,
  type Statement,
  type TSInterfaceDeclaration,
  type TSSignature,
} from "oxc-parser";

const ROOT = new URL("../../", import.meta.url);

export interface Declaration {
  readonly name: string;
  /** From the repository's root. */
  readonly file: string;
  readonly isType: boolean;
  readonly doc: string;
  /** Of an interface: its own members, and the types that it extends. */
  readonly members: readonly Member[];
  readonly parents: readonly string[];
  /** Of a type that is another name: what it stands for. */
  readonly alias: string | undefined;
}

export interface Member {
  readonly name: string;
  readonly type: string;
  readonly isOptional: boolean;
  readonly doc: string;
}

type Node = Statement | Directive;

class SourceFile {
  readonly path: string;
  readonly text: string;
  readonly body: readonly Node[];
  readonly #comments: readonly Comment[];

  constructor(path: string) {
    this.path = path;
    this.text = readFileSync(new URL(path, ROOT), "utf8");
    const { program, comments } = parseSync(path, this.text);
    this.body = program.body;
    this.#comments = comments;
  }

  /** Right before that place; at a file's first import it is the file's own. */
  docAt(start: number): string {
    const before = this.#comments.findLast(
      ({ end }) => end <= start && this.text.slice(end, start).trim() === "",
    );
    return before?.value.startsWith("*") ? plain(before.value) : "";
  }

  get doc(): string {
    return this.docAt(this.body[0]?.start ?? 0);
  }

  /** In one line, without comments. */
  codeAt({ start, end }: { readonly start: number; readonly end: number }): string {
    const within = this.#comments.filter((comment) => comment.start >= start && comment.end <= end);
    const code = within.reduceRight(
      (code, comment) => code.slice(0, comment.start - start) + code.slice(comment.end - start),
      this.text.slice(start, end),
    );
    return code.replaceAll(/\s+/g, " ").trim();
  }

  resolve(specifier: string): string {
    return posix.join(posix.dirname(this.path), specifier);
  }
}

const files = new Map<string, SourceFile>();

function fileAt(path: string): SourceFile {
  const file = files.get(path) ?? new SourceFile(path);
  files.set(path, file);
  return file;
}

/** What stands above the first line of an entry, and what it exports, by name. */
export function entryAt(path: string): { about: string; exports: Declaration[] } {
  const file = fileAt(path);
  const exports = file.body.flatMap((node) => exportsOf(file, node));
  return { about: file.doc, exports: exports.sort((a, b) => order(a.name, b.name)) };
}

function exportsOf(file: SourceFile, node: Node): Declaration[] {
  if (node.type !== "ExportNamedDeclaration") return [];
  const own = namesIn(node);
  const declared = own.map((name) => declarationOf(file.path, name));
  const { source, exportKind } = node;
  if (source === null) return declared;
  return node.specifiers.map((specifier) => {
    const found = declarationOf(file.resolve(source.value), file.codeAt(specifier.local));
    // Of a class only the type may be handed on.
    const isType = found.isType || exportKind === "type" || specifier.exportKind === "type";
    return { ...found, isType };
  });
}

function order(a: string, b: string): number {
  return a.localeCompare(b, "en");
}

/** Follows what a file hands on from another. */
export function declarationOf(path: string, name: string): Declaration {
  const found = findDeclaration(path, name);
  if (found === undefined) throw new Error(`Expected ${path} to declare or import ${name}.`);
  return found;
}

export function findDeclaration(path: string, name: string): Declaration | undefined {
  const file = fileAt(path);
  for (const node of file.body) {
    if (namesIn(node).includes(name)) return declarationAt(file, node, name);
    if (node.type !== "ImportDeclaration" && node.type !== "ExportNamedDeclaration") continue;
    const { source, specifiers } = node;
    const isNamed = specifiers.some(
      ({ local }) => file.text.slice(local.start, local.end) === name,
    );
    if (isNamed && source?.value.startsWith(".")) {
      return findDeclaration(file.resolve(source.value), name);
    }
  }
  return undefined;
}

function namesIn(node: Node): string[] {
  const declared = node.type === "ExportNamedDeclaration" ? node.declaration : node;
  switch (declared?.type) {
    case "VariableDeclaration":
      return declared.declarations.flatMap(({ id }) => (id.type === "Identifier" ? [id.name] : []));
    case "FunctionDeclaration":
    case "ClassDeclaration":
      return declared.id === null ? [] : [declared.id.name];
    case "TSInterfaceDeclaration":
    case "TSTypeAliasDeclaration":
      return [declared.id.name];
    default:
      return [];
  }
}

function declarationAt(file: SourceFile, node: Node, name: string): Declaration {
  const declared = node.type === "ExportNamedDeclaration" ? node.declaration : node;
  const type = declared?.type;
  const shape = declared?.type === "TSInterfaceDeclaration" ? shapeOf(file, declared) : undefined;
  const own = file.docAt(node.start);
  return {
    name,
    file: file.path,
    isType: type === "TSInterfaceDeclaration" || type === "TSTypeAliasDeclaration",
    // A policy's file is about the policy, and its doc comment is at its head.
    doc: own || (type === "FunctionDeclaration" || type === "ClassDeclaration" ? file.doc : ""),
    members: shape?.members ?? [],
    parents: shape?.parents ?? [],
    alias:
      declared?.type === "TSTypeAliasDeclaration"
        ? file.codeAt(declared.typeAnnotation).replace(/^\| /, "")
        : undefined,
  };
}

function shapeOf(file: SourceFile, declared: TSInterfaceDeclaration) {
  return {
    members: declared.body.body.flatMap((member) => memberOf(file, member)),
    parents: declared.extends.map((parent) => file.codeAt(parent)),
  };
}

function memberOf(file: SourceFile, member: TSSignature): Member[] {
  if (member.type !== "TSPropertySignature" && member.type !== "TSMethodSignature") return [];
  const annotation = "typeAnnotation" in member ? member.typeAnnotation?.typeAnnotation : undefined;
  return [
    {
      name: file.codeAt(member.key),
      type: annotation === undefined ? "function" : file.codeAt(annotation),
      isOptional: member.optional,
      doc: file.docAt(member.start),
    },
  ];
}

/** Without its stars, and without examples. */
function plain(comment: string): string {
  const lines = comment.split("\n").map((line) => line.replace(/^\s*\*+ ?/, ""));
  return lines
    .join("\n")
    .replace(/@example[\s\S]*?(?=^@|$(?![\s\S]))/m, "")
    .trim();
}
