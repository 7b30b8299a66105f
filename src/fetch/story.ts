/** What is told of a call that is given up. */
import type { Outcome } from "../policy.ts";
import { RetryStopped } from "../retry/retry-stopped.ts";

export interface Body {
  readonly isRepeatable: boolean;
  /** Says that it is not, and what the attempt failed with. */
  refusal(cause: unknown): Error;
}

/** As it stopped; where only the body stood against a retry, that is the last cause. */
export function storyOf(
  stopped: RetryStopped,
  mayRepeat: boolean,
  body: Body,
  classify: (error: unknown) => Outcome,
): RetryStopped {
  const { cause, why, attempts, elapsedMs } = stopped;
  if (!mayRepeat || body.isRepeatable || why !== "not-retryable") return stopped;
  if (classify(cause).kind === "fatal") return stopped;
  return new RetryStopped(why, attempts, elapsedMs, [...stopped.causes, body.refusal(cause)]);
}
