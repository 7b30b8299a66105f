/** The clients of a run, each made at its first call. */
import type { Policy } from "../policy.ts";
import { KeyedRandom } from "../random.ts";
import type { CallName } from "../request-name.ts";
import type { RetryOptions } from "../retry/options.ts";
import type { Scenario } from "../scenario.ts";
import { LaneClient, type LaneClientOptions, type LaneReport } from "./lane-client.ts";

export interface LaneClientsOptions extends Pick<LaneClientOptions, "clock" | "flags" | "send"> {
  readonly scenario: Scenario;
  readonly policy: Policy;
  readonly seed: number;
}

export class LaneClients {
  readonly #options: Omit<LaneClientOptions, "clientId">;
  readonly #report: LaneReport;
  readonly #clients: (LaneClient | undefined)[] = [];

  /** @throws {RangeError} when the scenario has cohorts: the simulator alone runs those */
  constructor({ scenario, seed, ...options }: LaneClientsOptions, report: LaneReport) {
    const { name, cohorts } = scenario;
    if (cohorts.length > 0) {
      throw new RangeError(
        `Expected scenario "${name}" to have no cohorts, for real clients all have one policy, got ${cohorts.length}.`,
      );
    }
    this.#options = {
      ...options,
      random: keyed(seed),
      tickMs: scenario.tickUs / 1000,
      timeoutMs: scenario.clients.timeoutMs,
      deadlineMs: scenario.clients.deadlineMs,
      resetRequests: scenario.sessionReset.requests,
    };
    this.#report = report;
  }

  /** The client begins its next call, which has this number. */
  call({ client, call }: CallName): void {
    this.#clients[client] ??= new LaneClient({ ...this.#options, clientId: client }, this.#report);
    this.#clients[client].call(call);
  }

  /** All calls that are not over are left, as users leave. */
  stop(): void {
    for (const client of this.#clients) client?.stop();
  }
}

function keyed(seed: number): RetryOptions["random"] {
  const draws = new KeyedRandom(seed, "policy");
  return (client, call, attempt, purpose) => draws.key(client, call, attempt, purpose).next;
}
