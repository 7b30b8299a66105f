/** What every driver says of a run when it is over. */
import type { NumericState } from "./policy.ts";

export interface CallCounts {
  readonly calls: number;
  readonly attempts: number;
  /** Sent when nothing of their call was in flight any more. */
  readonly retries: number;
  /** Sent beside another attempt of their call. */
  readonly hedges: number;
  readonly sessionResets: number;
}

export interface RunEnd extends CallCounts {
  /** The run met its bound on attempts and stopped early. */
  readonly cut: boolean;
  readonly endUs: number;
  /** The policy's state at `stateAtMs`, each number as a mean over clients. */
  readonly meanState?: Readonly<NumericState>;
  /** Of the servers behind the server, the nearest first; left out: of none. */
  readonly downstream?: readonly CallCounts[];
}
