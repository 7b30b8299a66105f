import type { StopReason } from "../policy.ts";

/** `RetryStopped.causes` holds the latest so many: a call may go on for days. */
export const CAUSES_MAX = 20;

/**
 * The call was given up, and this is the whole story.
 *
 * @example
 * ```ts
 * import { retry, RetryStopped } from "stormproof";
 *
 * const impatient = {
 *   name: "impatient",
 *   initial: {},
 *   decide: (_state, event) =>
 *     event.kind === "failure" ? { do: "stop", why: "attempts" } : { do: "send" },
 * };
 * const failed = () => Promise.reject(Object.assign(new Error("busy"), { status: 503 }));
 * const error = await retry(failed, { policy: impatient }).catch((error) => error);
 * error instanceof RetryStopped; // => true
 * error.why; // => "attempts"
 * error.attempts; // => 1
 * error.cause.message; // => "busy"
 * ```
 */
export class RetryStopped extends Error {
  override readonly name = "RetryStopped";
  /** Why no further attempt was made. */
  readonly why: StopReason;
  /**
   * How many were; 0 when the call was refused before its first. One whose time a session reset used up was
   * not, though it has a number and its timeout is among the `causes`.
   */
  readonly attempts: number;
  /** From the start of the call. */
  readonly elapsedMs: number;
  /** What the attempts threw, in order, the last of it being `cause`; at most the latest 20. */
  readonly causes: readonly unknown[];

  constructor(why: StopReason, attempts: number, elapsedMs: number, causes: readonly unknown[]) {
    const count = attempts === 1 ? "1 attempt" : `${attempts} attempts`;
    const last = causes.at(-1);
    const detail = last instanceof Error && last.message !== "" ? `: ${last.message}` : "";
    super(
      `Stopped after ${count} in ${Math.round(elapsedMs)} ms (${why})${detail}`,
      causes.length > 0 ? { cause: last } : undefined,
    );
    this.why = why;
    this.attempts = attempts;
    this.elapsedMs = elapsedMs;
    this.causes = Object.freeze([...causes]);
  }
}
