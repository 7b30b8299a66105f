/** What the clients of a run report becomes its trace and its counts; what they should not report fails it. */
import type { Load } from "../load.ts";
import type { CallName, RequestName } from "../request-name.ts";
import type { LaneReport } from "../retry/lane-client.ts";
import type { CallEndReason } from "../retry/observer.ts";
import type { RequestEnd, Trace } from "../trace.ts";
import { CallsInFlight } from "./calls-in-flight.ts";
import type { LaneClock } from "./lane-clock.ts";

export class LaneBooks implements LaneReport {
  readonly calls = new CallsInFlight();
  readonly counts = { calls: 0, attempts: 0, retries: 0, sessionResets: 0 };
  readonly #trace: Trace;
  readonly #load: Load;
  readonly #clock: LaneClock;
  #isClosed = false;
  #failure: { readonly error: unknown } | undefined;

  constructor(trace: Trace, load: Load, clock: LaneClock) {
    this.#trace = trace;
    this.#load = load;
    this.#clock = clock;
  }

  /** @throws what failed the run */
  throwFailure(): void {
    if (this.#failure !== undefined) throw this.#failure.error;
  }

  /** The first counts. */
  failed(error: unknown): void {
    this.#failure ??= { error };
  }

  callStarted(name: CallName): void {
    this.#write((nowUs) => {
      this.counts.calls++;
      this.calls.start(name, nowUs);
      this.#trace.callStarted(nowUs, name.client, name.call);
    });
  }

  resetStarted(name: CallName, attempt: number): void {
    this.#write(() => {
      this.counts.sessionResets++;
      this.#countAttempt(name, attempt);
    });
  }

  requestSent(name: RequestName): void {
    this.#write((nowUs) => {
      this.#countAttempt(name, name.attempt);
      this.calls.send(name, nowUs);
      this.#trace.requestSent(nowUs, name.client, name.call, name.attempt, name.part);
    });
  }

  requestReached(name: RequestName): void {
    this.#write((nowUs) => this.calls.reachServer(name, nowUs));
  }

  requestEnded(name: RequestName, end: RequestEnd): void {
    this.#write((nowUs) => {
      this.calls.end(name, nowUs, end);
      this.#trace.requestEnded(nowUs, name.client, name.call, name.attempt, name.part, end);
    });
  }

  clientLeft(name: RequestName): void {
    this.#write(() => this.calls.part(name));
  }

  waitStarted(name: CallName, attempt: number, delayMs: number): void {
    this.#write((nowUs) => {
      this.calls.wait(name);
      this.#trace.waitStarted(nowUs, name.client, name.call, attempt, Math.round(delayMs * 1000));
    });
  }

  callEnded(name: CallName, attempts: number, why: CallEndReason): void {
    this.#write((nowUs) => {
      const { startedUs } = this.calls.finish(name);
      // The error itself comes with the call's promise.
      if (why === "broken") return;
      this.#trace.callEnded(nowUs, name.client, name.call, attempts, startedUs, why);
      this.#load.callEnded(nowUs, name.client);
    });
  }

  served(atUs: number, serviceUs: number, late: boolean): void {
    this.#trace.served(atUs, serviceUs, late);
  }

  /** What is not over ends "unfinished". What the clients still report, as they are stopped, counts no more. */
  close(endUs: number): void {
    for (const {
      client,
      call,
      attempts,
      attempt,
      part,
      startedUs,
      stage,
    } of this.calls.inOrder()) {
      if (stage === "at the server") {
        this.#trace.requestEnded(endUs, client, call, attempt, part, UNFINISHED);
      }
      this.#trace.callEnded(endUs, client, call, attempts, startedUs, "unfinished");
    }
    this.silence();
  }

  silence(): void {
    this.#isClosed = true;
  }

  #countAttempt(name: CallName, attempt: number): void {
    const call = this.calls.of(name);
    if (attempt === call.attempts) return;
    call.attempts = attempt;
    this.counts.attempts++;
    if (attempt > 1) this.counts.retries++;
  }

  #write(entry: (nowUs: number) => void): void {
    if (this.#isClosed) return;
    try {
      entry(this.#clock.nowUs);
    } catch (error) {
      this.failed(error);
    }
  }
}

const UNFINISHED: RequestEnd = Object.freeze({ kind: "unfinished" });
