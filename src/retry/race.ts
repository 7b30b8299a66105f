/**
 * Attempts of a call that are in flight together, because its policy hedges. The first that is answered
 * answers the call; the last that fails fails it, and so does one whose failure no retry can mend.
 */
import type { Decision, Send } from "../policy.ts";
import type { AttemptEnd } from "./observer.ts";
import { ANSWERED } from "./running-call.ts";
import type { Work } from "./work.ts";

/** What a race needs of its call. What it throws ends the race. */
export interface Racing<T> {
  /** Begins an attempt; `sent` is told of it, unless it fails before. */
  begin(send: Send, sent: (work: Work) => void): T | PromiseLike<T>;
  /** Ends all attempts at once, with the reason: to be kept while the race goes on. */
  onInterrupt(cut: (reason: unknown) => void): void;
  sleep(delayMs: number, signal: AbortSignal): Promise<void>;
  hedge(): Decision;
  /** Returns whether that ends the call, whatever else is in flight. */
  failed(error: unknown, work: Work | undefined): boolean;
  ended(work: Work, end: AttemptEnd): void;
}

export function race<T>(first: Send, call: Racing<T>): Promise<T> {
  const { promise, resolve, reject } = Promise.withResolvers<T>();
  const works = new Set<Work>();
  let waiting: AbortController | undefined;
  let isOver = false;

  function cut(reason?: unknown): void {
    waiting?.abort();
    for (const work of works) work.cut(reason);
  }

  function end(): void {
    isOver = true;
    for (const work of works) call.ended(work, ABANDONED);
    cut();
  }

  function fail(error: unknown): void {
    end();
    reject(error);
  }

  async function begin(send: Send): Promise<void> {
    let sent: Work | undefined;
    try {
      const value = await call.begin(send, (work) => {
        sent = work;
        works.add(work);
        call.onInterrupt(cut);
        if (send.hedgeAfterMs !== undefined) hedgeAfter(send.hedgeAfterMs).catch(fail);
      });
      if (isOver) return;
      works.delete(sent as Work);
      call.ended(sent as Work, ANSWERED);
      end();
      resolve(value);
    } catch (error) {
      if (isOver) return;
      works.delete(sent as Work);
      // What fails is not slow: nothing more goes out beside the others, and nothing before a Retry-After.
      waiting?.abort();
      if (call.failed(error, sent) || works.size === 0) fail(ALL_FAILED);
    }
  }

  async function hedgeAfter(delayMs: number): Promise<void> {
    waiting = new AbortController();
    const { signal } = waiting;
    await call.sleep(delayMs, signal).catch((error: unknown) => {
      if (!signal.aborted) throw error;
    });
    if (signal.aborted) return;
    const decision = call.hedge();
    if (decision.do === "send") begin(decision).catch(fail);
    if (decision.do === "wait") hedgeAfter(decision.delayMs).catch(fail);
  }

  begin(first).catch(fail);
  return promise;
}

/** What it rejects with then; `failed` was told why. All else is an error of the policy, or of who asks it. */
export const ALL_FAILED = Symbol();

const ABANDONED = Object.freeze({ kind: "abandoned" });
