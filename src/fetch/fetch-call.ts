/** One call of a retrying fetch: what its attempts send, and what it ends with. */
import type { Attempt } from "../retry/attempt.ts";
import type { Retry } from "../retry/create-retry.ts";
import { discard } from "../retry/discard.ts";
import { forgetOlder, markGivenUp, marksSoFar } from "../retry/given-up.ts";
import { HttpError } from "../retry/http-error.ts";
import { inheritLayer } from "../retry/layers.ts";
import { RetryStopped } from "../retry/retry-stopped.ts";
import { tellAttempt } from "./attempt-headers.ts";
import type { FetchRequest } from "./fetch-request.ts";
import { HeldResponse } from "./held-response.ts";
import type { FetchSettings } from "./settings.ts";
import { storyOf } from "./story.ts";

export class FetchCall {
  readonly #settings: FetchSettings;
  readonly #request: FetchRequest;
  #held: HeldResponse | undefined;
  #lastError: unknown;

  constructor(settings: FetchSettings, request: FetchRequest) {
    this.#settings = settings;
    this.#request = request;
  }

  async settle(retry: Retry): Promise<Response> {
    const { signal, repeatable, options, body } = this.#request;
    const release = () => this.#held?.release(this.#settings.clock);
    try {
      const response = await retry((attempt) => this.#attempt(attempt), {
        ...options,
        signal,
        repeatable: repeatable && body.isRepeatable,
        hedges: body.isAtHand && options.hedges,
        observer: [
          { waitStarted: release, attemptStarted: release },
          options.observer ?? [],
        ].flat(),
      });
      // Of another attempt that was in flight beside this one.
      this.#letGo();
      return response;
    } catch (error) {
      if (error instanceof RetryStopped) return this.#giveUp(error);
      this.#letGo();
      throw error;
    } finally {
      body.release();
    }
  }

  async #attempt({ attempt, limitMs, signal }: Attempt): Promise<Response> {
    const { init, headers, isTold, outerAttempt = attempt, body } = this.#request;
    const own = new Headers(headers);
    if (isTold) tellAttempt(own, outerAttempt, limitMs);
    const replaced = attempt === 1 ? body.first : await body.again(this.#lastError);
    // The body may have come when its attempt was over.
    signal.throwIfAborted();
    this.#letGo();
    const sent = { ...init, headers: own, signal: this.#signalOf(signal) };
    const response = await this.#send(replaced === undefined ? sent : { ...sent, body: replaced });
    if (signal.aborted) {
      // Of a fetch that is deaf to its signal: too late, nobody is there any more.
      discard(response, this.#settings.clock);
      throw signal.reason;
    }
    // Said this way round, a test's half-made response is an answer too.
    if (!(response.status >= 400)) return response;
    this.#letGo();
    this.#held = new HeldResponse(response);
    this.#lastError = new HttpError(response);
    throw this.#lastError;
  }

  async #send(init: RequestInit): Promise<Response> {
    const marksBefore = marksSoFar();
    try {
      const response = await this.#settings.fetch(this.#request.input, init);
      forgetOlder(response, marksBefore);
      return response;
    } catch (error) {
      forgetOlder(error, marksBefore);
      this.#lastError = error;
      throw error;
    }
  }

  /** The attempt's, and the caller's for as long as the body is read. */
  #signalOf(attempt: AbortSignal): AbortSignal {
    const { signal } = this.#request;
    return signal ? inheritLayer(AbortSignal.any([attempt, signal]), attempt) : attempt;
  }

  #giveUp(stopped: RetryStopped): Response {
    const { isNested, repeatable, body } = this.#request;
    const story = storyOf(stopped, repeatable, body, this.#settings.classify);
    const error = story.cause ?? story;
    if (this.#settings.giveUp === "error") {
      this.#letGo();
      // The outer layer decides, and reads what happened, not that nobody retried here.
      throw isNested ? error : story;
    }
    const ending = this.#held?.take() ?? error;
    // A call that may not be retried here may well be retried further out.
    markGivenUp(ending, story, repeatable && body.isRepeatable);
    if (this.#held !== undefined) return ending as Response;
    throw ending;
  }

  #letGo(): void {
    this.#held?.drop(this.#settings.clock);
    this.#held = undefined;
  }
}
