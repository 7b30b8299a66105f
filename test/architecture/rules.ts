/** The rules of the house. Each returns the lines that break it, as `file:line: what`. */
import { isBuiltin } from "node:module";
import { basename } from "node:path";
import { importsOf, reachableFrom, type Sources, withoutComments } from "./sources.ts";

/** A room may import itself and rooms of the groups before its own. */
const ROOMS: readonly (readonly string[])[] = [
  ["core"],
  ["policies"],
  ["retry", "server"],
  ["lane", "fetch", "openfeature", "opentelemetry", "session", "shadow", "testing"],
  ["sim", "msw", "loopback", "undici", "adapters"],
  ["measure"],
  ["vet", "scenarios"],
  ["bench", "page", "cli"],
  // `src/index.ts` lets in and out, and nobody may go through it from inside.
  ["door"],
];

export function roomOf(path: string): string | undefined {
  if (path === "src/index.ts") return "door";
  if (path === "src/cli.ts") return "cli";
  const [first, second] = path.split("/");
  if (first !== "src") return ["policies", "bench", "page"].find((room) => room === first);
  return second.endsWith(".ts") || second === "events" || second === "scenario" ? "core" : second;
}

export function importsPointOneWay(sources: Sources): string[] {
  const group = (room: string | undefined) =>
    ROOMS.findIndex((rooms) => rooms.includes(room ?? ""));
  return localImports(sources).flatMap(({ at, from, to }) => {
    const [room, other] = [roomOf(from), roomOf(to)];
    if (group(room) < 0) return [`${at}: the house has no room for ${from}`];
    if (group(other) < 0) return [`${at}: the house has no room for ${to}`];
    const isFine = room === other || group(other) < group(room);
    return isFine ? [] : [`${at}: ${room} imports ${to}`];
  });
}

/** Policies know the interface and one another; measures see events; the simulator knows no policy. */
export function roomsKeepToThemselves(sources: Sources): string[] {
  return localImports(sources).flatMap(({ at, from, to }) => {
    const [room, other] = [roomOf(from), roomOf(to)];
    const isFine =
      (room !== "policies" || other === "policies" || to === "src/policy.ts") &&
      (room !== "sim" || other !== "policies") &&
      (room !== "measure" || other === "measure" || other === "core");
    return isFine ? [] : [`${at}: ${room} imports ${to}`];
  });
}

/** Browsers have no `node:` modules. */
export function browsersCanLoad(sources: Sources, entries: readonly string[]): string[] {
  return entries.flatMap((entry) =>
    [...reachableFrom(entry, sources)].flatMap((path) =>
      importsOf(path, sources.get(path) ?? "")
        .filter(({ to }) => isBuiltin(to))
        .map(({ line, to }) => `${path}:${line}: imports ${to}, reached from ${entry}`),
    ),
  );
}

/** Who installs the package gets what its doors import. */
export function packagesAreDeclared(
  sources: Sources,
  entries: readonly string[],
  declared: readonly string[],
): string[] {
  const reached = new Set(entries.flatMap((entry) => [...reachableFrom(entry, sources)]));
  return [...reached].flatMap((path) =>
    importsOf(path, sources.get(path) ?? "")
      .filter(({ to }) => !sources.has(to) && !isBuiltin(to))
      .filter(({ to }) => !declared.some((name) => to === name || to.startsWith(`${name}/`)))
      .map(({ line, to }) => `${path}:${line}: imports ${to}, which package.json does not declare`),
  );
}

/** Where the random numbers and the time of the machine may be read. */
const HOMES: readonly { readonly what: RegExp; readonly home: RegExp }[] = [
  { what: /\bMath\.random\b/, home: /^src\/random\.ts$/ },
  {
    what: /\b(set(Timeout|Interval|Immediate)|Date\.now|performance\.now)\b|\bnew Date\(\)/,
    home: /^(src\/clock\.ts$|src\/msw\/|src\/loopback\/|bench\/)/,
  },
];

export function chanceAndTimeHaveOneHome(sources: Sources): string[] {
  return [...sources].flatMap(([path, source]) =>
    HOMES.filter(({ home }) => !home.test(path)).flatMap(({ what }) =>
      linesWith(what, path, withoutComments(source)),
    ),
  );
}

const NAMELESS = /^(utils?|helpers?|common|misc|(.*-)?manager)\.\w+$/;

export function filesAreNamedByWhatTheyHold(sources: Sources): string[] {
  return [...sources.keys()].filter((path) => NAMELESS.test(basename(path)));
}

export function typesAreKnown(sources: Sources): string[] {
  return [...sources].flatMap(([path, source]) =>
    linesWith(/(:|\bas|[<,|&])\s*any\b(?=\s*([;,)=>|&\]}[]|$))/, path, withoutComments(source)),
  );
}

export function nothingIsLeftForLater(sources: Sources): string[] {
  const marks = new RegExp(`\\b(${["TO", "FIX"].map((m, i) => m + ["DO", "ME"][i]).join("|")})\\b`);
  return [...sources].flatMap(([path, source]) => linesWith(marks, path, source));
}

function localImports(sources: Sources) {
  return [...sources].flatMap(([path, source]) =>
    importsOf(path, source)
      .filter(({ to }) => to.includes("/") && /\.(ts|mjs|js|json)$/.test(to))
      .map(({ from, line, to }) => ({ at: `${from}:${line}`, from, to })),
  );
}

function linesWith(what: RegExp, path: string, text: string): string[] {
  return text
    .split("\n")
    .flatMap((line, index) => (what.test(line) ? [`${path}:${index + 1}: ${line.trim()}`] : []));
}
