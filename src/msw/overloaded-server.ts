import { type HttpHandler, http } from "msw";
import { type Clock, DELAY_MAX_MS, systemClock } from "../clock.ts";
import { defineScenario, type Scenario, type ServerSpec } from "../scenario.ts";
import { type RequestName, readRequestName } from "./request-name.ts";
import { responseTo } from "./response-to.ts";
import { ServerFront } from "./server-front.ts";

export interface OverloadedServerOptions {
  /** Which requests it answers, as MSW matches them. Default: all. */
  readonly url?: string | RegExp;
  /** Workers, service time, queue, rejection; what is left out is as in `SCENARIO_DEFAULTS`. */
  readonly server?: Partial<ServerSpec>;
  /** Outages, slowdowns and partial failures, from the first request on. Default: none. */
  readonly faults?: Scenario["faults"];
  /** Each way, at least 1. Default: 5. */
  readonly networkMs?: number;
  /** The same seed draws the same service times and failures. Default: 1. */
  readonly seed?: number;
  /** Default: `systemClock`, which follows the fake timers of vitest and Jest. */
  readonly clock?: Clock;
  /** What a request gets that is served. Default: 204 without a body. */
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
  const { url = "*", answer } = options;
  const server = new SelfDrivenServer(options);
  return [
    http.all(url, async ({ request }) => {
      const end = await server.receive(readRequestName(request.headers), request.signal);
      return end.kind === "answered" && answer !== undefined ? answer(request) : responseTo(end);
    }),
  ];
}

/** The model, moved on by a clock. */
class SelfDrivenServer {
  readonly #clock: Clock;
  readonly #front: ServerFront;
  #originMs: number | undefined;
  #nowUs = 0;
  #unnamed = 0;
  #cancelTimer: (() => void) | undefined;

  constructor({ server, faults, networkMs, seed = 1, clock }: OverloadedServerOptions) {
    this.#clock = clock ?? systemClock;
    this.#front = new ServerFront(
      scenarioOf({ server, faults, networkMs }),
      seed,
      () => {},
      () => this.#setTimer(),
    );
  }

  /** Requests without a name are told apart by their order of arrival. */
  receive(name: RequestName | undefined, left: AbortSignal) {
    this.#catchUp();
    const named = name ?? { client: 0, call: ++this.#unnamed, attempt: 1, part: 0 };
    const end = this.#front.receive(this.#nowUs, named, left);
    this.#setTimer();
    return end;
  }

  /** Lets happen what is due, each thing at its own time: timers come late. */
  #catchUp(): void {
    const nowMs = this.#clock.nowMs();
    this.#originMs ??= nowMs;
    const nowUs = Math.max(this.#nowUs, Math.floor(nowMs - this.#originMs) * 1000);
    for (let atUs = this.#front.nextAtUs(); atUs <= nowUs; atUs = this.#front.nextAtUs()) {
      this.#front.advance(atUs);
      while (this.#front.answerNext(atUs) !== undefined);
    }
    this.#nowUs = nowUs;
  }

  /** Only while somebody waits: a fault far ahead must not keep a test process alive. */
  #setTimer(): void {
    this.#cancelTimer?.();
    this.#cancelTimer = undefined;
    const nextMs = this.#front.nextAtUs() / 1000;
    if (this.#front.waiting === 0 || nextMs === Infinity) return;
    const sinceOriginMs = this.#clock.nowMs() - (this.#originMs ?? 0);
    const delayMs = Math.min(Math.max(0, nextMs - sinceOriginMs), DELAY_MAX_MS);
    this.#cancelTimer = this.#clock.timeout(delayMs, () => {
      this.#catchUp();
      this.#setTimer();
    });
  }
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
