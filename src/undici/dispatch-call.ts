/** One call of a retrying dispatcher: what its attempts send, and what its handler hears in the end. */
import type { Dispatcher } from "undici";
import { tellAttempt } from "../fetch/attempt-headers.ts";
import { BodyNotRepeatable } from "../fetch/request-body.ts";
import type { FetchSettings } from "../fetch/settings.ts";
import { storyOf } from "../fetch/story.ts";
import type { Attempt } from "../retry/attempt.ts";
import type { Retry } from "../retry/create-retry.ts";
import { forgetOlder, markGivenUp, marksSoFar } from "../retry/given-up.ts";
import { RetryStopped } from "../retry/retry-stopped.ts";
import { AttemptHandler } from "./attempt-handler.ts";
import { CallController } from "./call-controller.ts";
import type { DispatchRequest } from "./dispatch-request.ts";
import type { HeldAnswer } from "./held-answer.ts";
import { RejectedAnswer } from "./rejected-answer.ts";

export class DispatchCall {
  readonly #settings: FetchSettings;
  readonly #request: DispatchRequest;
  readonly #dispatch: Dispatcher.Dispatch;
  readonly #handler: Dispatcher.DispatchHandler;
  readonly #caller = new AbortController();
  readonly #controller = new CallController((reason) => this.#abort(reason));
  /** The answers that nobody has heard, by what their attempts rejected with. */
  readonly #held = new Map<unknown, HeldAnswer>();
  /** What the handler is told of: nothing is sent any more. */
  #passedOn: HeldAnswer | undefined;

  constructor(
    settings: FetchSettings,
    request: DispatchRequest,
    dispatch: Dispatcher.Dispatch,
    handler: Dispatcher.DispatchHandler,
  ) {
    this.#settings = settings;
    this.#request = request;
    this.#dispatch = dispatch;
    this.#handler = handler;
  }

  /** Resolves when the handler is told of an error, or that an answer begins. */
  async settle(retry: Retry): Promise<void> {
    const { repeatable, isBodyRepeatable } = this.#request;
    const release = () => {
      for (const answer of this.#held.values()) answer.release();
    };
    try {
      const answer = await retry((attempt) => this.#attempt(attempt), {
        signal: this.#caller.signal,
        repeatable: repeatable && isBodyRepeatable,
        observer: {
          waitStarted: ({ attempt }) => {
            release();
            // So that the handler can abort: undici has not called it yet.
            if (attempt === 0) this.#handler.onRequestStart?.(this.#controller, null);
          },
          attemptStarted: release,
        },
      });
      this.#passOn(answer);
    } catch (error) {
      if (error instanceof RetryStopped) this.#giveUp(error);
      else this.#end(error);
    }
  }

  #attempt({ attempt, limitMs, signal }: Attempt): Promise<HeldAnswer> {
    const { options, headers, isTold, outerAttempt = attempt } = this.#request;
    const marksBefore = marksSoFar();
    this.#letGo();
    return new Promise((resolve, reject) => {
      const sent = new AttemptHandler(this.#handler, this.#controller, this.#settings.clock, {
        answer: (held) => {
          const { status, headers } = held.head;
          const rejected = status < 400 ? undefined : new RejectedAnswer(status, headers);
          this.#held.set(rejected, held);
          if (rejected === undefined) resolve(held);
          else reject(rejected);
        },
        fail: (error) => {
          forgetOlder(error, marksBefore);
          reject(error);
        },
      });
      signal.addEventListener("abort", () => sent.cancel(signal.reason), { once: true });
      const own = new Map<string, string>();
      if (isTold) tellAttempt(own, outerAttempt, limitMs);
      this.#dispatch({ ...options, headers: headers.with(own) }, sent);
    });
  }

  #abort(reason: Error): void {
    if (this.#passedOn === undefined) this.#caller.abort(reason ?? undefined);
    else this.#passedOn.abort(reason);
  }

  #passOn(answer: HeldAnswer): void {
    this.#letGo(answer);
    this.#passedOn = answer;
    answer.passOn();
  }

  #giveUp(stopped: RetryStopped): void {
    const { isNested, repeatable, isBodyRepeatable } = this.#request;
    const body = { isRepeatable: isBodyRepeatable, refusal };
    const story = storyOf(stopped, repeatable, body, this.#settings.classify);
    const error = story.cause ?? story;
    if (this.#settings.giveUp === "error") {
      // The outer layer decides, and reads what happened, not that nobody retried here.
      this.#end(isNested ? error : story);
      return;
    }
    // A call that may not be retried here may well be retried further out.
    const mark = (ending: unknown) => {
      markGivenUp(ending, story, repeatable && isBodyRepeatable);
    };
    const answer = this.#held.get(stopped.cause);
    if (answer === undefined) {
      mark(error);
      this.#end(error);
    } else {
      mark(answer.head.headers);
      this.#passOn(answer);
    }
  }

  #end(error: unknown): void {
    this.#letGo();
    this.#handler.onResponseError?.(this.#controller, error as Error);
  }

  #letGo(except?: HeldAnswer): void {
    for (const answer of this.#held.values()) {
      if (answer !== except) answer.drop();
    }
    this.#held.clear();
  }
}

function refusal(cause: unknown): BodyNotRepeatable {
  const error = new BodyNotRepeatable(
    "Expected a body that can be sent again, got one that is read once, so the request is not " +
      "retried. Hand in a string, a Buffer, a Blob or a FormData.",
    { cause },
  );
  // By their codes undici's errors are told apart.
  const { code } = (cause ?? {}) as { code?: unknown };
  return code === undefined ? error : Object.assign(error, { code });
}
