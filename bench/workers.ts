/** Runs tasks on worker threads or processes. What comes back has the order of the tasks. */
import { Tinypool } from "tinypool";
import { Complaint } from "./complaint.ts";
import type { RunComplaint } from "./run-task.ts";

interface Crew {
  /** The module whose default export does one task. */
  readonly module: URL;
  /** Virtual time patches globals, so MSW needs processes of its own. */
  readonly runtime: "worker_threads" | "child_process";
  readonly workers: number;
}

/**
 * @throws {Complaint} when a task comes back with one
 * @throws what a task throws; the other tasks are given up
 */
export async function runTasks<Task, Report extends object>(
  crew: Crew,
  tasks: readonly Task[],
  signal: AbortSignal,
  done: (task: Task) => void,
): Promise<Report[]> {
  if (tasks.length === 0) return [];
  const threads = Math.min(crew.workers, tasks.length);
  const pool = new Tinypool({
    filename: crew.module.href,
    runtime: crew.runtime,
    minThreads: threads,
    maxThreads: threads,
    // Else child processes would turn typed arrays into plain objects.
    serialization: "advanced",
  });
  const run = async (task: Task): Promise<Report> => {
    const report: Report | RunComplaint = await pool.run(task, { signal });
    if ("complaint" in report) throw new Complaint(report.complaint);
    done(task);
    return report;
  };
  try {
    return await Promise.all(tasks.map(run));
  } finally {
    await pool.destroy();
  }
}
