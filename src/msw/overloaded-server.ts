import { type HttpHandler, http } from "msw";
import { type Clock, systemClock } from "../clock.ts";
import { REQUEST_NAME_HEADER, readRequestName } from "../request-name.ts";
import { defineScenario, type Scenario, type ServerSpec } from "../scenario.ts";
import { SelfDrivenServer } from "../server/self-driven-server.ts";
import { responseTo } from "./response-to.ts";

export interface OverloadedServerOptions {
  /** Which requests it answers, as MSW matches them. Default: all. */
  readonly url?: string | RegExp;
  /** Workers, service time, queue, gates, rejection; what is left out is as in `SCENARIO_DEFAULTS`. */
  readonly server?: Partial<ServerSpec>;
  /** Outages, slowdowns, partial failures and losses, from the first request on. Default: none. */
  readonly faults?: Scenario["faults"];
  /** Each way, at least 1. Default: 5. */
  readonly networkMs?: number;
  /** The same seed draws the same service times and failures. Default: 1. */
  readonly seed?: number;
  /** Default: `systemClock`, which follows the fake timers of vitest and Jest. */
  readonly clock?: Clock;
  /**
   * What a request gets that is served. Default: 204 without a body, as have those that a gate drops
   * (`admission`), for which it is not called.
   */
  readonly answer?: (request: Request) => Response | Promise<Response>;
}

/**
 * An overloaded server as MSW handlers, for tests of what an app does then. Time begins with the first
 * request, and counts whole milliseconds. Each call makes a server of its own, with an empty queue.
 *
 * @throws {ScenarioError} naming the option that is wrong
 * @example
 * ```ts
 * import { HttpResponse } from "msw";
 * import { setupServer } from "msw/node";
 * import { overloadedServer } from "stormproof/msw";
 *
 * // One worker, no queue: of two requests at once, one is told to come again in 2 s.
 * const handlers = overloadedServer({
 *   url: "https://api.example/*",
 *   server: {
 *     workers: [{ fromMs: 0, workers: 1 }],
 *     service: { distribution: "deterministic", meanMs: 100 },
 *     queue: { places: 0, order: "fifo" },
 *     rejection: { status: 503, retryAfterMs: 2000, costMs: 0 },
 *   },
 *   answer: () => HttpResponse.json({ fine: true }),
 * });
 * const msw = setupServer(...handlers);
 * msw.listen();
 * const get = () => fetch("https://api.example/things");
 * const [first, second] = await Promise.all([get(), get()]);
 * first.status; // => 200
 * second.status; // => 503
 * second.headers.get("retry-after"); // => "2"
 * msw.close();
 * ```
 */
export function overloadedServer(options: OverloadedServerOptions = {}): HttpHandler[] {
  const { url = "*", answer, seed = 1, clock = systemClock } = options;
  const server = new SelfDrivenServer({ scenario: scenarioOf(options), seed, clock });
  return [
    http.all(url, async ({ request }) => {
      const name = readRequestName(request.headers.get(REQUEST_NAME_HEADER));
      const end = await server.receive(name, request.signal);
      const isServed = end.kind === "answered" && !end.dropped;
      return isServed && answer !== undefined ? answer(request) : responseTo(end);
    }),
  ];
}

/** The checks and defaults are the scenario's. */
function scenarioOf(given: Pick<OverloadedServerOptions, "server" | "faults" | "networkMs">) {
  const { server, faults, networkMs } = given;
  const base = { name: "overloadedServer", shows: "", runMs: 1, tickUs: 1000 };
  const load = { kind: "herd", fromMs: 0, overMs: 0 };
  const defaults = defineScenario({ ...base, load });
  return defineScenario({
    ...defaults,
    server: { ...defaults.server, ...server },
    faults: faults ?? defaults.faults,
    networkMs: networkMs ?? defaults.networkMs,
  });
}
