/** What the clients of a run report becomes its trace and its counts. */
import type { Load } from "../load.ts";
import {
  type CallName,
  describeRequest,
  FLAGS_REQUEST,
  type RequestName,
} from "../request-name.ts";
import type { CallEndReason } from "../retry/observer.ts";
import type { RequestEnd, Trace } from "../trace.ts";
import type { FlagFetchesReport } from "./flag-fetches.ts";
import type { LaneReport } from "./lane-client.ts";

interface OpenCall extends CallName {
  readonly startedUs: number;
  /** That the policy let go. */
  attempts: number;
  /** In flight, in the order in which they were sent. */
  readonly requests: Map<string, OpenRequest>;
  /** The last answer that came said yes, but the server has done nothing: its client cannot know. */
  isDropped: boolean;
}

interface OpenRequest {
  readonly name: RequestName;
  isDropped: boolean;
}

export class LaneBooks implements LaneReport, FlagFetchesReport {
  readonly counts = { calls: 0, attempts: 0, retries: 0, hedges: 0, sessionResets: 0 };
  readonly #trace: Trace;
  readonly #load: Load;
  readonly #nowUs: () => number;
  readonly #open = new Map<number, OpenCall>();
  /** By client: the request for flags in flight, under the name of the call that begins with it. */
  readonly #fetches = new Map<number, CallName>();
  readonly #changed: () => void;
  #isClosed = false;
  #failure: { readonly error: unknown } | undefined;

  /** `changed` is called after every entry. */
  constructor(trace: Trace, load: Load, nowUs: () => number, changed: () => void = () => {}) {
    this.#trace = trace;
    this.#load = load;
    this.#nowUs = nowUs;
    this.#changed = changed;
  }

  /** Calls that are not over. */
  get openCalls(): number {
    return this.#open.size;
  }

  /** What failed the run: the first thing to do so. */
  get failure(): { readonly error: unknown } | undefined {
    return this.#failure;
  }

  failed(error: unknown): void {
    this.#failure ??= { error };
    this.#changed();
  }

  callStarted(name: CallName): void {
    this.write((nowUs) => {
      const { client, call } = name;
      this.counts.calls++;
      const none = { attempts: 0, requests: new Map(), isDropped: false };
      this.#open.set(callKey(name), { client, call, startedUs: nowUs, ...none });
      this.#trace.callStarted(nowUs, client, call);
    });
  }

  resetStarted(name: CallName, attempt: number): void {
    this.write(() => {
      this.counts.sessionResets++;
      this.#countAttempt(name, attempt);
    });
  }

  requestSent(name: RequestName): void {
    this.write((nowUs) => {
      this.#countAttempt(name, name.attempt);
      this.#of(name).requests.set(describeRequest(name), { name, isDropped: false });
      this.#trace.requestSent(nowUs, name.client, name.call, name.attempt, name.part);
    });
  }

  /** The server's answer, as the server knows it, is on its way to a client that waits for it. */
  answerSent(name: RequestName, end: RequestEnd): void {
    if (name.attempt === FLAGS_REQUEST.attempt) return;
    this.write(() => {
      const request = this.#open.get(callKey(name))?.requests.get(describeRequest(name));
      // The server may not have heard yet that its client waits no longer.
      if (request === undefined) return;
      request.isDropped = end.kind === "answered" && end.dropped === true;
    });
  }

  requestEnded(name: RequestName, end: RequestEnd): void {
    this.write((nowUs) => {
      const call = this.#of(name);
      const isDropped = call.requests.get(describeRequest(name))?.isDropped === true;
      call.requests.delete(describeRequest(name));
      if (end.kind === "answered") call.isDropped = isDropped;
      const known = call.isDropped && end.kind === "answered" ? ANSWERED_BUT_DROPPED : end;
      this.#trace.requestEnded(nowUs, name.client, name.call, name.attempt, name.part, known);
    });
  }

  flagsRequested(name: CallName): void {
    this.write((nowUs) => {
      this.#fetches.set(name.client, name);
      this.#trace.flagsRequested(nowUs, name.client, name.call);
    });
  }

  flagsRequestEnded({ client, call }: CallName, end: RequestEnd): void {
    this.write((nowUs) => {
      this.#fetches.delete(client);
      this.#trace.flagsRequestEnded(nowUs, client, call, end);
    });
  }

  waitStarted({ client, call }: CallName, attempt: number, delayMs: number): void {
    this.write((nowUs) => {
      this.#trace.waitStarted(nowUs, client, call, attempt, Math.round(delayMs * 1000));
    });
  }

  callEnded(name: CallName, attempts: number, why: CallEndReason): void {
    // It stays open: what broke it comes with the call's promise, and fails the run.
    if (why === "broken") return;
    this.write((nowUs) => {
      const { client, call, startedUs, isDropped } = this.#of(name);
      this.#open.delete(callKey(name));
      const end = isDropped && why === "answered" ? "dropped" : why;
      this.#trace.callEnded(nowUs, client, call, attempts, startedUs, end);
      this.#load.callEnded(nowUs, client, call, startedUs);
    });
  }

  served(atUs: number, serviceUs: number, late: boolean): void {
    if (!this.#isClosed) this.#trace.served(atUs, serviceUs, late);
  }

  /** What is not over ends "unfinished". What the clients still report, as they are stopped, counts no more. */
  close(endUs: number): void {
    const inOrder = [...this.#open.values()].sort((a, b) => a.client - b.client || a.call - b.call);
    for (const { client, call, attempts, requests, startedUs } of inOrder) {
      for (const { name } of requests.values()) {
        this.#trace.requestEnded(endUs, client, call, name.attempt, name.part, UNFINISHED);
      }
      this.#trace.callEnded(endUs, client, call, attempts, startedUs, "unfinished");
    }
    for (const { client, call } of [...this.#fetches.values()].sort(
      (a, b) => a.client - b.client,
    )) {
      this.#trace.flagsRequestEnded(endUs, client, call, UNFINISHED);
    }
    this.silence();
  }

  silence(): void {
    this.#isClosed = true;
  }

  /** What an entry throws fails the run: from an observer nobody else would hear of it. */
  protected write(entry: (nowUs: number) => void): void {
    if (this.#isClosed) return;
    try {
      entry(this.#nowUs());
      this.#changed();
    } catch (error) {
      this.failed(error);
    }
  }

  #countAttempt(name: CallName, attempt: number): void {
    const call = this.#of(name);
    if (attempt === call.attempts) return;
    call.attempts = attempt;
    this.counts.attempts++;
    if (call.requests.size > 0) this.counts.hedges++;
    else if (attempt > 1) this.counts.retries++;
  }

  #of(name: CallName): OpenCall {
    const open = this.#open.get(callKey(name));
    if (open === undefined) throw noSuchCall(name);
    return open;
  }
}

/** Of a call; 67 million calls a client. */
export function callKey({ client, call }: CallName): number {
  return client * 2 ** 26 + call;
}

export function noSuchCall({ client, call }: CallName): Error {
  return new Error(`Client ${client} has no call ${call} in flight.`);
}

const UNFINISHED: RequestEnd = Object.freeze({ kind: "unfinished" });
const ANSWERED_BUT_DROPPED: RequestEnd = Object.freeze({ kind: "answered", dropped: true });
