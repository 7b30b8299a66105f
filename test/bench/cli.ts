/** Runs the real command line in a folder of its own. */
import { spawn } from "node:child_process";
import { mkdtempSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { constants, tmpdir } from "node:os";
import { join, resolve } from "node:path";

const BENCH = resolve(import.meta.dirname, "../../bench");

export interface Finished {
  /** As a shell tells it. */
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
}

export class Folder {
  readonly path = mkdtempSync(join(tmpdir(), "stormproof-bench-"));
  /** Halves the time each start takes. */
  readonly #compiled = mkdtempSync(join(tmpdir(), "stormproof-bench-compiled-"));
  readonly #main: string;

  constructor(
    main: "main.ts" | `${"jars" | "overhead" | "sockets" | "speed"}/main.ts` = "main.ts",
  ) {
    this.#main = join(BENCH, main);
  }

  write(name: string, content: string | object): string {
    const text = typeof content === "string" ? content : JSON.stringify(content);
    writeFileSync(join(this.path, name), text);
    return join(this.path, name);
  }

  files(): string[] {
    return readdirSync(this.path).sort();
  }

  bench(args: readonly string[], env: NodeJS.ProcessEnv = {}): Promise<Finished> {
    return finished(this.#start(args, env));
  }

  /** Interrupts it, as Ctrl-C does, so many milliseconds after its start. */
  interrupted(args: readonly string[], afterMs: number): Promise<Finished> {
    const child = this.#start(args);
    setTimeout(() => child.kill("SIGINT"), afterMs);
    return finished(child);
  }

  /** Closes the pipe at the first output, as `head` does. */
  closedEarly(args: readonly string[]): Promise<Finished> {
    const child = this.#start(args);
    child.stdout.destroy();
    return finished(child);
  }

  #start(args: readonly string[], env: NodeJS.ProcessEnv = {}) {
    return spawn(process.execPath, [this.#main, ...args], {
      cwd: this.path,
      env: { ...process.env, NODE_COMPILE_CACHE: this.#compiled, COLUMNS: "", ...env },
    });
  }

  remove(): void {
    for (const path of [this.path, this.#compiled]) rmSync(path, { recursive: true });
  }
}

function finished(child: ReturnType<typeof spawn>): Promise<Finished> {
  let stdout = "";
  let stderr = "";
  child.stdout?.on("data", (data) => (stdout += data));
  child.stderr?.on("data", (data) => (stderr += data));
  return new Promise((resolve) =>
    child.on("close", (code, signal) =>
      resolve({ code: code ?? shellCode(signal), stdout, stderr }),
    ),
  );
}

function shellCode(signal: NodeJS.Signals | null): number {
  return 128 + (signal === null ? 0 : constants.signals[signal]);
}

/** Five seconds with half a second of outage in them. */
export const TINY = {
  name: "tiny",
  shows: "An outage too short to matter.",
  runMs: 5_000,
  warmUpMs: 200,
  patienceMs: 2_000,
  tickUs: 1_000,
  clients: { count: 10, timeoutMs: 500 },
  load: { kind: "open", arrivals: [{ fromMs: 0, perSecond: 50 }] },
  faults: [{ kind: "outage", fromMs: 1_000, untilMs: 1_500 }],
  trigger: { fromMs: 1_000, untilMs: 1_500 },
};
