/**
 * The central interface: a policy decides, a driver waits.
 *
 * A policy never reads a clock, sleeps, sends, or draws its own randomness, so the same object
 * serves an app (`src/retry`), the MSW lane (`src/msw`) and the simulator (`src/sim`).
 * Drivers never call it directly: `src/ask.ts` stands between.
 */

/** A flat record of finite float64 numbers: it replays, serialises, and fits typed columns. */
export type NumericState = Record<string, number>;

/** A uniform number in [0, 1). The driver keys it, so the same call and attempt draw the same. */
export type Random = () => number;

/** The driver's snapshot of the feature flags. Reading never waits. */
export interface Flags {
  boolean(name: string, fallback: boolean): boolean;
  number(name: string, fallback: number): number;
  /** When the flag last changed, on the clock of `nowMs`; undefined if it never did. */
  changedAtMs(name: string): number | undefined;
}

export type Outcome =
  /** Answered "no": the work was not done. */
  | { readonly kind: "rejected"; readonly status: number; readonly retryAfterMs?: number }
  /** No answer in time: the work may still run. */
  | { readonly kind: "timeout" }
  | { readonly kind: "connection" }
  /** Retrying cannot help (400, 401, "508: please stop"). */
  | { readonly kind: "fatal"; readonly status?: number };

interface Facts {
  readonly nowMs: number;
  readonly flags: Flags;
}

interface CallFacts extends Facts {
  /** When the whole call must have ended, on the clock of `nowMs`. */
  readonly deadlineMs?: number;
}

/** A call begins: admit, delay or refuse it. */
export interface Start extends CallFacts {
  readonly kind: "start";
}

/**
 * An attempt failed, and none is in flight beside it. Answering `send` means "wait 0 ms": `Wake` asks
 * again at the moment of sending.
 */
export interface Failure extends CallFacts {
  readonly kind: "failure";
  /** How many attempts were made. */
  readonly attempt: number;
  /** Since the call began. */
  readonly elapsedMs: number;
  /** From the sending of the attempt that failed. */
  readonly latencyMs: number;
  /** How long the call had waited before the attempt that failed; 0 before the first. */
  readonly delayBeforeMs: number;
  /** How many attempts were sent beside it, and have failed too. */
  readonly hedges: number;
  /** Of several attempts in flight together the last one's, with the longest Retry-After of them all. */
  readonly outcome: Outcome;
}

/**
 * A wait ended, or a flag changed during it. Every retry is sent by an answer to `Wake`, so what
 * must be true at the moment of sending (a token, a flag, an interval) is decided here.
 */
export interface Wake extends CallFacts {
  readonly kind: "wake";
  /** How many attempts were made; 0 when the call waits before its first. */
  readonly attempt: number;
  readonly elapsedMs: number;
  /** Since the last attempt failed, or since the call began. */
  readonly waitedMs: number;
  /** What is left of the wait: 0 when it ended, more when a flag changed during it. */
  readonly remainingMs: number;
  /** How the last attempt failed; undefined before the first. */
  readonly outcome?: Outcome;
}

/**
 * No attempt in flight has ended for as long as `hedgeAfterMs`: `send` sends another one beside them, as
 * for a `Wake` at this very moment; `wait` asks again later, `stop` never, and the call goes on with what
 * is in flight.
 */
export interface Hedge extends CallFacts {
  readonly kind: "hedge";
  /** How many attempts were made. */
  readonly attempt: number;
  readonly elapsedMs: number;
  /** Since the last attempt was sent. */
  readonly waitedMs: number;
  /** How many hedges are in flight beside the first of these attempts. */
  readonly hedges: number;
}

/** What a policy decides about. */
export type Question = Start | Failure | Wake | Hedge;

/** An attempt was answered. */
export interface Success extends Facts {
  readonly kind: "success";
  /** How many attempts were made. */
  readonly attempt: number;
  /** Since the call began. */
  readonly elapsedMs: number;
  /** From the sending of the attempt that was answered. */
  readonly latencyMs: number;
  /** How many hedges went out before the answer came; of these attempts, one was answered. */
  readonly hedges: number;
}

/** The caller gave up: refund, release. */
export interface Abandon extends Facts {
  readonly kind: "abandon";
  readonly attempt: number;
  readonly during: "wait" | "attempt";
  /** Since the last attempt was sent, or, during a wait, since it failed or the call began. */
  readonly waitedMs: number;
}

export type StopReason =
  | "not-retryable"
  | "attempts"
  | "deadline"
  | "budget"
  | "breaker"
  | "throttle"
  | "flag"
  | "retry-after"
  | "wait-too-long"
  | "refused";

export interface Send {
  readonly do: "send";
  /** Throw the session away and build a new one just before this attempt; not with a hedge. */
  readonly resetSession?: true;
  /** Ask with `Hedge` when this attempt has been in flight for so long; only from a policy that `hedges`. */
  readonly hedgeAfterMs?: number;
  /** In answer to `Start`: the call ends by then (absolute). It can bring a deadline nearer, never move it away. */
  readonly deadlineMs?: number;
}

export interface Wait {
  readonly do: "wait";
  /** Then `Wake`, or `Hedge`, asks again. */
  readonly delayMs: number;
  /** As in `Send`. */
  readonly deadlineMs?: number;
}

export interface Stop {
  readonly do: "stop";
  readonly why: StopReason;
}

export type Decision = Send | Wait | Stop;

/**
 * What a policy promises about load, per client: over any interval,
 * extra requests ≤ burstPerClient + ratio · successes + perSecond · seconds.
 */
export interface Claim {
  readonly burstPerClient: number;
  readonly ratio: number;
  readonly perSecond: number;
}

/** What a policy without a claim is held to. */
export const CLAIM_DEFAULT: Claim = { burstPerClient: 10, ratio: 0.1, perSecond: 0 };

/**
 * Decides whether and when attempts are sent; a driver waits and sends.
 *
 * @example
 * const patient: Policy = {
 *   name: "patient",
 *   initial: {},
 *   decide: (_state, event, random) =>
 *     event.kind === "failure" ? { do: "wait", delayMs: 1000 + 1000 * random() } : { do: "send" },
 * };
 */
export interface Policy<S extends NumericState = NumericState> {
  readonly name: string;
  /** What a new client starts with; shared by all calls of ONE client. Finite numbers only. */
  readonly initial: Readonly<S>;
  /** Without a claim a policy is held to `CLAIM_DEFAULT`. */
  readonly claim?: Claim;
  /** Whether it ever sends with `hedgeAfterMs`: drivers need not be ready for it otherwise. Apps need `stormproof/hedging`. */
  readonly hedges?: true;
  /**
   * May write to `state` and to nothing else; same state, event and draws give the same decision.
   * State and event are valid only during the call: never keep them.
   */
  decide(state: S, event: Question, random: Random): Decision;
  observe?(state: S, event: Success | Abandon): void;
}
