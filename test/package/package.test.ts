/** The package as others get it: packed, installed in an empty project, and every entry of it used. */
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { checkPackage, createPackageFromTarballData, type Problem } from "@arethetypeswrong/core";
import { publint } from "publint";
import { formatMessage } from "publint/utils";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import build from "../../tsconfig.build.json" with { type: "json" };
import { reachableFrom, readSources } from "../architecture/sources.ts";
import {
  BROWSER_ENTRIES,
  CONSUMERS,
  consumerOf,
  ENTRIES,
  expectedOf,
  PUBLISHED,
  SOURCES,
  sourceOf,
  specifierOf,
} from "./entries.ts";
import { type Manifest, Project, pack } from "./project.ts";

/** All that a project may ask for, and declarations checked as the rest is. */
const STRICTEST = {
  target: "es2024",
  strict: true,
  exactOptionalPropertyTypes: true,
  noUncheckedIndexedAccess: true,
  verbatimModuleSyntax: true,
  isolatedModules: true,
  resolveJsonModule: true,
  skipLibCheck: false,
};

const RESOLUTIONS = {
  nodenext: { module: "nodenext" },
  bundler: { module: "preserve", moduleResolution: "bundler" },
};

const SURROUNDINGS = [
  // Without msw, whose own declarations need the DOM's.
  {
    where: "Node",
    options: { lib: ["es2024"], types: ["node"] },
    entries: Object.keys(PUBLISHED).filter((entry) => entry !== "./msw"),
  },
  { where: "a browser", options: { lib: ["es2024", "dom"], types: [] }, entries: BROWSER_ENTRIES },
  {
    where: "Node that has the DOM's types, as with msw",
    options: { lib: ["es2024", "dom"], types: ["node"] },
    entries: Object.keys(PUBLISHED),
  },
];

describe("an entry of the package", () => {
  it("is published", () => {
    const published = (file: string) => file.replace(/^\.\/(.*)\.ts$/, "./dist/$1.js");
    const expected = Object.entries(SOURCES).map(([entry, file]) => [entry, published(file)]);
    expect(Object.entries(PUBLISHED)).toEqual(expected);
  });

  it("is built", () => {
    expect(build.files).toEqual(ENTRIES.map(sourceOf));
  });

  it("has a consumer, which uses it", () => {
    const consumers = Object.keys(SOURCES).map(fileOf);
    expect(readdirSync(CONSUMERS).sort()).toEqual(consumers.sort());
    for (const entry of Object.keys(SOURCES)) {
      const text = readFileSync(join(CONSUMERS, fileOf(entry)), "utf8");
      expect(text).toContain(` from "${specifierOf(entry)}"`);
    }
  });
});

describe("the packed package", () => {
  const project = new Project();
  let tarball: string;
  let manifest: Manifest;
  let contents: readonly string[];
  let installed: string;

  beforeAll(async () => {
    tarball = await pack(project.path);
    const unpacked = createPackageFromTarballData(readFileSync(tarball));
    contents = unpacked.listFiles();
    manifest = JSON.parse(unpacked.readFile("/node_modules/stormproof/package.json"));
    await project.install(tarball, manifest);
    project.copy(CONSUMERS, ".ts");
    installed = join(project.path, "node_modules", manifest.name);
  }, 60_000);
  afterAll(() => project.remove());

  it("has its entries in dist, what they reach, and no more", () => {
    expect(manifest.exports).toEqual(PUBLISHED);
    const code = readSources("src/**/*.ts", "policies/**/*.ts");
    const reached = new Set(ENTRIES.flatMap((entry) => [...reachableFrom(sourceOf(entry), code)]));
    const built = [...reached].filter((path) => code.has(path)).flatMap(builtFrom);
    const others = ["CHANGELOG.md", "LICENSE", "README.md", "package.json"];
    const expected = [...others, "docs/scenario.schema.json", ...built];
    expect(contents.map((path) => path.replace(/^\/.*?\/stormproof\//, "")).sort()).toEqual(
      expected.sort(),
    );
  });

  it("is what publint takes for right", async () => {
    const { messages, pkg } = await publint({ pkgDir: installed, pack: false, strict: true });
    expect(messages.map((message) => formatMessage(message, pkg))).toEqual([]);
  });

  it("has the right types for ESM, in arethetypeswrong's eyes", async () => {
    const result = await checkPackage(createPackageFromTarballData(readFileSync(tarball)));
    const problems = result.types === false ? ["no types"] : result.problems.filter(concernsEsm);
    expect(problems).toEqual([]);
    expect(Object.keys(result.types === false ? {} : result.entrypoints)).toEqual(
      Object.keys(PUBLISHED),
    );
  });

  describe.each(Object.entries(RESOLUTIONS))("type-checks with %s", (_name, resolution) => {
    it.each(SURROUNDINGS)("in $where", async ({ options, entries }) => {
      const files = entries.map(fileOf);
      const complaints = await project.compile(files, {
        ...STRICTEST,
        ...resolution,
        ...options,
        noEmit: true,
      });
      expect(complaints).toBe("");
    });
  });

  it("runs in Node, every entry of it", async () => {
    const entries = Object.keys(PUBLISHED);
    const options = { ...RESOLUTIONS.nodenext, target: "es2024", noCheck: true };
    expect(await project.compile(entries.map(fileOf), options)).toBe("");
    for (const entry of entries) {
      const printed = await project.node(`${consumerOf(entry)}.js`);
      expect([entry, printed]).toEqual([entry, expectedOf(entry)]);
    }
  });

  it("needs no other package to retry", async () => {
    const alone = new Project();
    try {
      alone.unpack(installed, manifest);
      alone.copy(project.path, ".js");
      for (const entry of [".", "./fetch", "./policies"]) {
        expect(await alone.node(`${consumerOf(entry)}.js`)).toBe(expectedOf(entry));
      }
    } finally {
      alone.remove();
    }
  });
});

function fileOf(entry: string): string {
  return `${consumerOf(entry)}.ts`;
}

function builtFrom(source: string): string[] {
  return [".js", ".d.ts"].map((ending) => `dist/${source.replace(/\.ts$/, ending)}`);
}

/** The profile "esm-only" of its command line: old resolution and `require` are not promised. */
function concernsEsm(problem: Problem): boolean {
  return !(
    "resolutionKind" in problem && ["node10", "node16-cjs"].includes(problem.resolutionKind)
  );
}
