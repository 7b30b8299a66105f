/** An empty project in a folder of its own, with the packed package installed as by anyone else. */
import { execFile } from "node:child_process";
import { copyFileSync, cpSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { promisify } from "node:util";

const run = promisify(execFile);

const ROOT = resolve(import.meta.dirname, "../..");

/** The package manager of this repository: whichever runs this test, or else as the README has it. */
const { npm_execpath: runner = "" } = process.env;
const PNPM = runner.includes("pnpm") ? [runner] : ["npx", "--yes", "pnpm@12"];

/** Builds and packs as publishing would. @returns the tarball's path */
export async function pack(folder: string): Promise<string> {
  const { stdout } = await pnpm(ROOT, "pack", "--json", "--pack-destination", folder);
  const { filename } = JSON.parse(stdout.slice(stdout.search(/^\{/m)));
  return filename;
}

export interface Manifest {
  readonly name: string;
  readonly exports: Readonly<Record<string, string>>;
  readonly dependencies?: Readonly<Record<string, string>>;
  readonly peerDependencies?: Readonly<Record<string, string>>;
}

export class Project {
  readonly path = mkdtempSync(join(tmpdir(), "stormproof-package-"));

  /**
   * Offline: what the package depends on comes from this repository, by link. Everything else that is
   * installed here, the package does not find.
   */
  async install(tarball: string, { name, dependencies, peerDependencies }: Manifest) {
    const linked = (names: readonly string[]) =>
      Object.fromEntries(names.map((name) => [name, `link:${join(ROOT, "node_modules", name)}`]));
    const peers = linked(Object.keys(peerDependencies ?? {}));
    const ours = { private: true, type: "module" };
    const types = linked(["@types/node"]);
    const installed = { [name]: `file:${tarball}`, ...peers, ...types };
    this.write("package.json", { ...ours, dependencies: installed });
    const overrides = { ...linked(Object.keys(dependencies ?? {})), ...peers };
    // JSON is YAML.
    this.write("pnpm-workspace.yaml", { overrides, storeDir: join(this.path, ".store") });
    await pnpm(this.path, "install", "--offline");
  }

  /** Without a package manager, and so without what the package depends on. */
  unpack(unpacked: string, { name }: Manifest): void {
    this.write("package.json", { private: true, type: "module" });
    const place = join(this.path, "node_modules", name);
    cpSync(unpacked, place, { recursive: true, dereference: true });
  }

  write(name: string, content: object): void {
    writeFileSync(join(this.path, name), JSON.stringify(content));
  }

  copy(folder: string, ending: string): void {
    const files = readdirSync(folder).filter((file) => file.endsWith(ending));
    for (const file of files) copyFileSync(join(folder, file), join(this.path, file));
  }

  /** The compiler's complaints; "" when there are none. */
  async compile(files: readonly string[], options: object): Promise<string> {
    this.write("tsconfig.json", { compilerOptions: options, files });
    const tsc = join(ROOT, "node_modules/.bin/tsc");
    return run(tsc, ["--project", "tsconfig.json"], { cwd: this.path }).then(
      ({ stdout }) => stdout,
      (error) => error.stdout,
    );
  }

  /** What it prints. */
  async node(file: string): Promise<string> {
    const { stdout } = await run(process.execPath, [file], { cwd: this.path, env: PLAIN });
    return stdout;
  }

  remove(): void {
    rmSync(this.path, { recursive: true });
  }
}

/** Without what vitest adds. */
const PLAIN = { PATH: process.env.PATH };

function pnpm(folder: string, ...args: readonly string[]) {
  const [command, ...first] = PNPM;
  return run(command, [...first, ...args], { cwd: folder, maxBuffer: 10_000_000 });
}
