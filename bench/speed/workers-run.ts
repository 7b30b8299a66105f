/** The same runs on one worker thread and on two, as `pnpm bench` has them. */
import { z } from "zod";
import { taskOf } from "../child.ts";
import type { RunReport, RunTask } from "../run-task.ts";
import { runTasks } from "../workers.ts";
import { surgeOf } from "./surge.ts";

const TaskSchema = z.strictObject({
  clients: z.int().min(1),
  /** As many runs; an even number, or two threads could not share them. */
  seeds: z.array(z.int()).min(2),
  workers: z.array(z.int().min(1)),
});

const task = taskOf(TaskSchema);
const module = new URL("../run-task.ts", import.meta.url);
const tasks = task.seeds.map(
  (seed): RunTask => ({
    scenario: surgeOf(task.clients),
    policy: { name: "budgeted" },
    seeds: [seed],
  }),
);

const seconds: number[] = [];
for (const workers of task.workers) {
  const fromMs = performance.now();
  await runTasks<RunTask, RunReport>(
    { module, runtime: "worker_threads", workers },
    tasks,
    new AbortController().signal,
    () => {},
  );
  seconds.push((performance.now() - fromMs) / 1000);
}
process.stdout.write(JSON.stringify({ seconds }));
