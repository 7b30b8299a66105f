/** What a run costs the process it runs in. */
import { PerformanceObserver } from "node:perf_hooks";
import { setTimeout } from "node:timers/promises";

export interface Cost {
  /** On the wall's clock. */
  readonly seconds: number;
  /** Of all threads: more than the wall's when the garbage collector helps, less when others had the core. */
  readonly cpuSeconds: number;
  /** The longest pause for garbage collection; 0 when there was none. */
  readonly gcPauseMs: number;
}

/** @returns what `work` answers, and its cost */
export async function timed<Answer>(work: () => Answer): Promise<{ answer: Answer; cost: Cost }> {
  let gcPauseMs = 0;
  const pauses = new PerformanceObserver((list) => {
    for (const { duration } of list.getEntries()) gcPauseMs = Math.max(gcPauseMs, duration);
  });
  pauses.observe({ entryTypes: ["gc"] });
  const fromCpuSeconds = cpuSeconds();
  const fromMs = performance.now();
  const answer = work();
  const seconds = (performance.now() - fromMs) / 1000;
  const spentCpuSeconds = cpuSeconds() - fromCpuSeconds;
  // The observer is told in later turns of the event loop, which `work` kept busy.
  await setTimeout(TOLD_WITHIN_MS);
  pauses.disconnect();
  return { answer, cost: { seconds, cpuSeconds: spentCpuSeconds, gcPauseMs } };
}

/** That the process has had so far, over all its threads. */
export function cpuSeconds(): number {
  const { user, system } = process.cpuUsage();
  return (user + system) / 1e6;
}

const TOLD_WITHIN_MS = 20;
