/** The house is as its plan says: the files are read, and every rule is seen to catch what it forbids. */
import { describe, expect, test } from "vitest";
import manifest from "../../package.json" with { type: "json" };
import { BROWSER_ENTRIES, ENTRIES, sourceOf } from "../package/entries.ts";
import {
  browsersCanLoad,
  chanceAndTimeHaveOneHome,
  filesAreNamedByWhatTheyHold,
  importsPointOneWay,
  nothingIsLeftForLater,
  packagesAreDeclared,
  roomsKeepToThemselves,
  typesAreKnown,
} from "./rules.ts";
import { importsOf, readSources, type Sources, withoutComments } from "./sources.ts";

const code = readSources("src/**/*.ts", "policies/**/*.ts", "bench/**/*.ts", "page/**/*.ts");
const everything = new Map([...code, ...readSources("test/**/*.ts", "*.ts", "docs/**/*.md")]);
/** Of the package, and what the page is made of. */
const BROWSER_SOURCES = [...BROWSER_ENTRIES.map(sourceOf), "src/sim/simulation.ts"];

/** The house with one file more, or another in its place. */
const house = (path: string, source: string, sources: Sources = code): Sources =>
  new Map([...sources, [path, source]]);

test("the files are found", () => {
  expect(code.size).toBeGreaterThan(50);
  expect([...code.keys()]).toEqual(expect.arrayContaining(BROWSER_SOURCES));
  expect(everything.has("test/architecture/tidy.test.ts")).toBe(true);
});

describe("imports point one way", () => {
  test("in this house", () => {
    expect(importsPointOneWay(code)).toEqual([]);
    expect(roomsKeepToThemselves(code)).toEqual([]);
  });

  test.each([
    ["src/random.ts", "../src/server/server.ts", "core imports src/server/server.ts"],
    ["src/server/new.ts", "../sim/simulation.ts", "server imports src/sim/simulation.ts"],
    ["src/retry/new.ts", "../server/server.ts", "retry imports src/server/server.ts"],
    ["src/sim/new.ts", "../msw/run.ts", "sim imports src/msw/run.ts"],
    ["src/retry/new.ts", "../fetch/options.ts", "retry imports src/fetch/options.ts"],
    ["src/msw/new.ts", "../measure/formulas.ts", "msw imports src/measure/formulas.ts"],
    ["src/measure/new.ts", "../vet/law.ts", "measure imports src/vet/law.ts"],
    ["src/vet/new.ts", "../../bench/main.ts", "vet imports bench/main.ts"],
    ["src/scenarios/new.ts", "../vet/law.ts", "scenarios imports src/vet/law.ts"],
    ["src/sim/new.ts", "../index.ts", "sim imports src/index.ts"],
    ["policies/new.ts", "stormproof", "policies imports src/index.ts"],
    ["src/attic/new.ts", "../policy.ts", "the house has no room for src/attic/new.ts"],
    ["src/vet/new.ts", "../../test/sim/worlds.ts", "the house has no room for test/sim/worlds.ts"],
  ])("and not from %s to %s", (path, name, complaint) => {
    const sources = house(path, `import { a } from "../a.ts";\nimport x from "${name}";\n`);
    expect(importsPointOneWay(sources)).toContain(`${path}:2: ${complaint}`);
  });

  test.each([
    ["policies/new.ts", "../src/random.ts", "policies imports src/random.ts"],
    ["src/sim/new.ts", "../../policies/none.ts", "sim imports policies/none.ts"],
    ["src/measure/new.ts", "../sim/simulation.ts", "measure imports src/sim/simulation.ts"],
  ])("and a room keeps to itself: not from %s to %s", (path, name, complaint) => {
    for (const statement of [
      `import x from "${name}";`,
      `import type {\n  X,\n} from "${name}";`,
      `export * from "${name}";`,
      `import "${name}";`,
      `const x = await import("${name}");`,
    ]) {
      const line = statement.split("\n").length;
      expect(roomsKeepToThemselves(house(path, statement))).toEqual([
        `${path}:${line}: ${complaint}`,
      ]);
    }
  });
});

describe("what browsers load", () => {
  test("imports nothing of Node", () => {
    expect(browsersCanLoad(code, BROWSER_SOURCES)).toEqual([]);
  });

  test.each(["node:fs", "fs", "node:diagnostics_channel"])("would be caught: %s", (name) => {
    const sources = house("src/outcome.ts", `\nimport x from "${name}";`);
    expect(browsersCanLoad(sources, ["src/index.ts"])).toEqual([
      `src/outcome.ts:2: imports ${name}, reached from src/index.ts`,
    ]);
  });
});

describe("what the package's doors import, who installs it gets", () => {
  const doors = ENTRIES.map(sourceOf);
  const { dependencies, peerDependencies } = manifest;
  const declared = Object.keys({ ...dependencies, ...peerDependencies });

  test("in this house", () => {
    expect(packagesAreDeclared(code, doors, declared)).toEqual([]);
    expect(packagesAreDeclared(code, doors, [])).not.toEqual([]);
  });

  test("and would be caught", () => {
    const sources = house("src/outcome.ts", 'import { expect } from "vitest";');
    expect(packagesAreDeclared(sources, doors, declared)).toEqual([
      "src/outcome.ts:1: imports vitest, which package.json does not declare",
    ]);
  });

  test("and an app that only retries loads no other package", () => {
    const retrying = ["src/index.ts", "src/fetch/index.ts", "policies/index.ts"];
    expect(packagesAreDeclared(code, retrying, [])).toEqual([]);
  });
});

describe("chance and time have one home", () => {
  test("in this house", () => {
    expect(chanceAndTimeHaveOneHome(code)).toEqual([]);
  });

  test.each([
    ["src/sim/new.ts", "const x = Math.random();"],
    ["src/msw/new.ts", "const x = Math.random();"],
    ["policies/new.ts", "const now = Date.now();"],
    ["src/retry/new.ts", "setTimeout(() => {}, 5);"],
    ["src/vet/new.ts", "const at = performance.now();"],
    ["src/server/new.ts", "const at = new Date();"],
    ["src/sim/new.ts", "setInterval(tick, 1); // every tick"],
  ])("and not in %s: %s", (path, line) => {
    const [complaint] = chanceAndTimeHaveOneHome(house(path, `// Math.random\n${line}`));
    expect(complaint).toMatch(new RegExp(`^${path}:2: `));
  });

  test("but comments may speak of them, and the lanes of real time use them", () => {
    const talk = "/* setTimeout */ const a = 1; // Date.now\n";
    expect(chanceAndTimeHaveOneHome(house("src/sim/new.ts", talk))).toEqual([]);
    for (const path of ["src/loopback/new.ts", "src/msw/new.ts", "bench/new.ts", "src/clock.ts"]) {
      expect(chanceAndTimeHaveOneHome(house(path, "setTimeout(a, Date.now());"))).toEqual([]);
    }
  });
});

describe("files are named by what they hold", () => {
  test("in this house", () => {
    expect(filesAreNamedByWhatTheyHold(everything)).toEqual([]);
  });

  test.each(["src/utils.ts", "test/sim/helpers.ts", "src/retry/call-manager.ts", "src/util.ts"])(
    "and not %s",
    (path) => {
      expect(filesAreNamedByWhatTheyHold(house(path, ""))).toEqual([path]);
    },
  );
});

describe("types are known", () => {
  // Without the examples below.
  const others = new Map(
    [...everything].filter(([path]) => !path.startsWith("test/architecture/")),
  );

  test("in this house", () => {
    expect(typesAreKnown(others)).toEqual([]);
  });

  test.each([
    "let x: any;",
    "function f(x: any) {}",
    "const x = y as any;",
    "type T = Map<string, any>;",
    "let x: string | any = 5;",
    "let x: any[] = [];",
  ])("and not `%s`", (line) => {
    expect(typesAreKnown(house("src/new.ts", line))).toEqual([`src/new.ts:1: ${line}`]);
  });

  test("but prose may have any word", () => {
    const line = 'const a = "for any reason"; // in any case: any';
    expect(typesAreKnown(house("src/new.ts", line))).toEqual([]);
  });
});

describe("nothing is left for later", () => {
  test("in this house", () => {
    expect(nothingIsLeftForLater(everything)).toEqual([]);
  });

  test.each([`// ${"TO"}DO: soon`, `/* ${"FIX"}ME */`])("and not `%s`", (line) => {
    expect(nothingIsLeftForLater(house("src/new.ts", line))).toEqual([`src/new.ts:1: ${line}`]);
  });
});

describe("what the rules read", () => {
  test.each([
    ["a // b", "a     "],
    ['"//" // b', '"//"     '],
    ["`//x` /* b */ c", "`//x`         c"],
    ["'\\'//' // b", "'\\'//'     "],
    ["/* a\n b */ c", "    \n      c"],
    ["x = /[/]\\/\\*/; // b", "x = /[/]\\/\\*/;     "],
    ["a / b // c", "a / b     "],
  ])("%j without comments is %j", (source, text) => {
    expect(withoutComments(source)).toBe(text);
  });

  test("an import in a comment or a doc example is none", () => {
    const source = ' * import { x } from "./y.ts";\n// import "./z.ts"\nimport "./a.ts";';
    expect(importsOf("src/new.ts", `/**\n${source.replace("\n//", "\n */\n//")}`)).toEqual([
      { from: "src/new.ts", line: 5, to: "src/a.ts" },
    ]);
  });
});
