/** Looks for SimPy: it is no dependency, and compared with where it is installed. */
import { spawnSync } from "node:child_process";

export interface InstalledSimPy {
  readonly python: string;
  /** SimPy 3 and 4 are written for alike; 2 is another library of the same name. */
  readonly generation: 2 | 3;
}

/** Debian's own before that of the path, which may be any. */
export const PYTHONS = ["/usr/bin/python3", "python3"] as const;

/** The newer of the two, wherever it is. */
export function findSimPy(pythons: readonly string[]): InstalledSimPy | undefined {
  const first = (module: string) =>
    pythons.find((python) => spawnSync(python, ["-c", `import ${module}`]).status === 0);
  const python = first("simpy");
  if (python !== undefined) return { python, generation: 3 };
  const python2 = first("SimPy.Simulation");
  return python2 === undefined ? undefined : { python: python2, generation: 2 };
}

export function withoutSimPy(pythons: readonly string[]): string {
  return (
    `SimPy: skipped, for ${pythons.join(" and ")} cannot import it. ` +
    "On Debian: apt-get install python3-simpy3, or python3-simpy; elsewhere: pip install simpy, and --python."
  );
}
