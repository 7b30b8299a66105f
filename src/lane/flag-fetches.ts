/**
 * The requests for flags of a run with real requests, as the simulator has them: a client sends one when it
 * begins a call and its flags are old, one at a time, and does not wait for it.
 */
import type { Clock } from "../clock.ts";
import type { FetchedFlags } from "../fetched-flags.ts";
import {
  type CallName,
  FLAGS_REQUEST,
  REQUEST_NAME_HEADER,
  writeRequestName,
} from "../request-name.ts";
import { classifyError } from "../retry/classify.ts";
import type { FlagSource } from "../retry/flag-source.ts";
import type { RequestEnd } from "../trace.ts";
import type { LaneClientOptions } from "./lane-client.ts";

export interface FlagFetchesOptions extends Pick<LaneClientOptions, "send"> {
  readonly flags: FetchedFlags;
  readonly clock: Clock;
  readonly timeoutMs: number;
  readonly networkMs: number;
  /** Runs what is done on behalf of a call, or of a request that is no call's; default: just runs it. */
  readonly within?: (name: CallName, act: () => void) => void;
}

/** What a run hears of them; named as the call that begins with the request. */
export interface FlagFetchesReport {
  flagsRequested(name: CallName): void;
  flagsRequestEnded(name: CallName, end: RequestEnd): void;
}

export class FlagFetches {
  readonly #options: FlagFetchesOptions;
  readonly #report: FlagFetchesReport;
  /** By client, of the request in flight. */
  readonly #stops = new Map<number, AbortController>();

  constructor(options: FlagFetchesOptions, report: FlagFetchesReport) {
    this.#options = options;
    this.#report = report;
  }

  /** What the client knows. It is not told of changes: its calls see them when they next decide. */
  sourceOf(client: number): FlagSource {
    return { current: () => this.#options.flags.of(client), subscribe: () => () => {} };
  }

  callBegins(name: CallName): void {
    const { flags, clock, within = (_name, act) => act() } = this.#options;
    if (this.#stops.has(name.client) || !flags.isStale(name.client, clock.nowMs())) return;
    const stop = new AbortController();
    this.#stops.set(name.client, stop);
    within(flightOf({ ...name, ...FLAGS_REQUEST }), () => void this.#fetch(name, stop));
  }

  /** What is in flight ends without a word. */
  stop(): void {
    for (const stop of this.#stops.values()) stop.abort();
  }

  async #fetch(name: CallName, stop: AbortController): Promise<void> {
    const { flags, clock, timeoutMs, networkMs, send } = this.#options;
    this.#report.flagsRequested(name);
    const cancelTimeout = clock.timeout(timeoutMs, () => {
      this.#end(name, { kind: "timeout" });
      stop.abort();
    });
    const header = writeRequestName({ ...name, ...FLAGS_REQUEST, limitMs: timeoutMs });
    try {
      await send({ headers: { [REQUEST_NAME_HEADER]: header }, signal: stop.signal });
      const nowMs = clock.nowMs();
      flags.learn(name.client, nowMs, nowMs - networkMs);
      this.#end(name, { kind: "answered" });
    } catch (error) {
      if (!stop.signal.aborted) this.#end(name, classifyError(error));
    } finally {
      cancelTimeout();
    }
  }

  #end(name: CallName, end: RequestEnd): void {
    this.#stops.delete(name.client);
    this.#report.flagsRequestEnded(name, end);
  }
}

/** What is in flight under that name: the call, or, just before it, the request for flags that it begins with. */
export function flightOf<T extends CallName & { readonly attempt: number }>(name: T): T {
  return name.attempt === FLAGS_REQUEST.attempt ? { ...name, call: name.call - 0.5 } : name;
}
