/** Other libraries know only the real clock: here their waits are short, and written down. */
import { onTestFinished, vi } from "vitest";

/** What is shorter are our own waits; what is longer is a limit, or a wait that nobody waits out. */
const [WAIT_MIN_MS, WAIT_MAX_MS] = [200, 5_000];

export function quickTimers(): { readonly delaysMs: readonly number[] } {
  const delaysMs: number[] = [];
  const { setTimeout: setTimer } = globalThis;
  vi.stubGlobal(
    "setTimeout",
    (fire: (...given: unknown[]) => void, ms = 0, ...given: unknown[]) => {
      delaysMs.push(ms);
      const isWait = ms > WAIT_MIN_MS && ms < WAIT_MAX_MS;
      return setTimer(() => fire(...given), isWait ? ms / 50 : ms);
    },
  );
  onTestFinished(() => void vi.unstubAllGlobals());
  return { delaysMs };
}
