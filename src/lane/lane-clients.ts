/** The clients of a run, each made at its first call. */
import { FetchedFlags } from "../fetched-flags.ts";
import type { Policy } from "../policy.ts";
import { KeyedRandom } from "../random.ts";
import type { CallName } from "../request-name.ts";
import type { RetryOptions } from "../retry/options.ts";
import type { Scenario } from "../scenario.ts";
import { roundUpToTick } from "../ticks.ts";
import { FlagFetches, type FlagFetchesOptions, type FlagFetchesReport } from "./flag-fetches.ts";
import { LaneClient, type LaneClientOptions, type LaneReport } from "./lane-client.ts";

export interface LaneClientsOptions
  extends Pick<LaneClientOptions, "flags" | "send">,
    Pick<FlagFetchesOptions, "clock" | "within"> {
  readonly scenario: Scenario;
  readonly policy: Policy;
  readonly seed: number;
}

export class LaneClients {
  readonly #options: Omit<LaneClientOptions, "clientId">;
  readonly #report: LaneReport & FlagFetchesReport;
  readonly #fetches: FlagFetches | undefined;
  readonly #clients: (LaneClient | undefined)[] = [];

  constructor(
    { scenario, seed, within, ...options }: LaneClientsOptions,
    report: LaneReport & FlagFetchesReport,
  ) {
    const { count, timeoutMs, deadlineMs, flagsRefreshMs } = scenario.clients;
    const { clock, send } = options;
    if (flagsRefreshMs !== undefined) {
      const flags = new FetchedFlags(scenario.flags, {
        clients: count,
        refreshMs: flagsRefreshMs,
        seed,
      });
      const networkMs = roundUpToTick(scenario.networkMs * 1000, scenario.tickUs) / 1000;
      this.#fetches = new FlagFetches({ flags, clock, timeoutMs, networkMs, send, within }, report);
    }
    this.#options = {
      ...options,
      random: keyed(seed),
      tickMs: scenario.tickUs / 1000,
      timeoutMs,
      deadlineMs,
      resetRequests: scenario.sessionReset.requests,
    };
    this.#report = report;
  }

  /** The client begins its next call, which has this number. */
  call({ client, call }: CallName): void {
    this.#clients[client] ??= this.#newClient(client);
    this.#clients[client].call(call);
  }

  /** All calls that are not over are left, as users leave. */
  stop(): void {
    for (const client of this.#clients) client?.stop();
    this.#fetches?.stop();
  }

  #newClient(clientId: number): LaneClient {
    const fetches = this.#fetches;
    const fetched = fetches && {
      flags: fetches.sourceOf(clientId),
      callBegins: (name: CallName) => fetches.callBegins(name),
    };
    return new LaneClient({ ...this.#options, ...fetched, clientId }, this.#report);
  }
}

function keyed(seed: number): RetryOptions["random"] {
  const draws = new KeyedRandom(seed, "policy");
  return (client, call, attempt, purpose) => draws.key(client, call, attempt, purpose).next;
}
