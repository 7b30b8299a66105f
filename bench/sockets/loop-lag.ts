/** How late an event loop is: what the simulator has nothing of, and a machine that is busy much. */
import { monitorEventLoopDelay } from "node:perf_hooks";

export interface LoopLag {
  /** How long an event that is due at a random moment waits until the loop looks. */
  readonly meanMs: number;
  readonly maxMs: number;
}

const RESOLUTION_MS = 1;
const NS_PER_MS = 1e6;

/**
 * Watches the loop while the work goes on. A timer of 1 ms notes the spans d between its firings; the
 * mean wait is that until the end of the span which a random moment falls into, E[d²] ÷ 2 E[d]
 * (the mean residual life: L. Kleinrock, Queueing Systems, volume 1, 1975, section 5.2), less that
 * of a loop that is never late.
 */
export async function withLoopLag<T>(work: () => Promise<T>): Promise<{ result: T; lag: LoopLag }> {
  const spans = monitorEventLoopDelay({ resolution: RESOLUTION_MS });
  spans.enable();
  try {
    const result = await work();
    const { mean, stddev, max } = spans;
    const waitMs = (mean ** 2 + stddev ** 2) / (2 * mean) / NS_PER_MS;
    return {
      result,
      lag: {
        meanMs: Math.max(0, waitMs - RESOLUTION_MS / 2),
        maxMs: Math.max(0, max / NS_PER_MS - RESOLUTION_MS),
      },
    };
  } finally {
    spans.disable();
  }
}
