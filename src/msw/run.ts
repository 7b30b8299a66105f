/**
 * The MSW lane: many clients under one policy, each a real retry helper around the real global fetch,
 * against the server model behind MSW, in virtual time. It exists for truth: what it does is what an app
 * would do, and the simulator must leave the same trace.
 *
 * Within a tick the order is the simulator's: flags, faults, capacity changes, finishes, arrivals at the
 * server, answers at clients, timeouts, wakes, new calls; ties by client, call, attempt and part. Each
 * event has settled, over the wire and in the helper, before the next one happens.
 */
import { FlagPlan } from "../flags.ts";
import { Load } from "../load.ts";
import type { Policy } from "../policy.ts";
import { KeyedRandom } from "../random.ts";
import type { RetryOptions } from "../retry/options.ts";
import type { RunEnd } from "../run.ts";
import type { Scenario } from "../scenario.ts";
import type { Trace } from "../trace.ts";
import { LaneError } from "./calls-in-flight.ts";
import { LaneBooks } from "./lane-books.ts";
import { LaneClient, type LaneClientOptions } from "./lane-client.ts";
import { currentCall, type Due, LaneClock } from "./lane-clock.ts";
import type { RequestName } from "./request-name.ts";
import { responseTo } from "./response-to.ts";
import { ServerFront } from "./server-front.ts";
import { surround } from "./surroundings.ts";
import { turn, VirtualTime } from "./virtual-time.ts";

export interface MswOptions {
  /** Its tick is 1 ms: faked timers count whole milliseconds. */
  readonly scenario: Scenario;
  readonly policy: Policy;
  readonly seed: number;
  readonly trace: Trace;
  /** The run is cut when so many attempts were sent; default 60,000. */
  readonly attemptsBound?: number;
}

/**
 * Runs the scenario once. One run at a time in a process; the process's timers, dates and `performance`
 * stay faked afterwards.
 *
 * @throws {LaneError} when anything reached for the real network, or took virtual time that it should not
 * @throws {PolicyError} when the policy answers with something that is not a decision
 */
export async function runMsw(options: MswOptions): Promise<RunEnd> {
  const { name, tickUs } = options.scenario;
  if (tickUs !== 1000) {
    throw new RangeError(`Expected \`tickUs\` of scenario "${name}" to be 1000, got ${tickUs}.`);
  }
  if (isRunning) throw new Error("Expected one MSW run at a time: they share the process's clock.");
  isRunning = true;
  try {
    return await new MswRun(options).run();
  } finally {
    isRunning = false;
  }
}

let isRunning = false;

/** Far more than any request needs: what has not settled by then waits for something outside the model. */
const TURNS_MAX = 1000;

class MswRun {
  readonly #seed: number;
  readonly #time = new VirtualTime();
  readonly #clock = new LaneClock();
  readonly #flags: FlagPlan;
  readonly #flagListeners = new Set<() => void>();
  readonly #load: Load;
  readonly #front: ServerFront;
  readonly #books: LaneBooks;
  readonly #clients: (LaneClient | undefined)[] = [];
  readonly #clientOptions: Omit<LaneClientOptions, "clientId">;
  readonly #endUs: number;
  readonly #attemptsBound: number;

  constructor({ scenario, policy, seed, trace, attemptsBound = 60_000 }: MswOptions) {
    this.#seed = seed;
    this.#flags = new FlagPlan(scenario.flags);
    this.#load = new Load(scenario, seed);
    this.#books = new LaneBooks(trace, this.#load, this.#clock);
    this.#front = new ServerFront(
      scenario,
      seed,
      (atUs, serviceUs, late) => this.#books.served(atUs, serviceUs, late),
      (name) => this.#books.clientLeft(name),
    );
    this.#clientOptions = {
      policy,
      clock: this.#clock,
      random: keyed(seed),
      tickMs: scenario.tickUs / 1000,
      timeoutMs: scenario.clients.timeoutMs,
      deadlineMs: scenario.clients.deadlineMs,
      resetRequests: scenario.sessionReset.requests,
      flags: {
        current: () => this.#flags,
        subscribe: (onChange) => {
          this.#flagListeners.add(onChange);
          return () => this.#flagListeners.delete(onChange);
        },
      },
    };
    this.#endUs = (scenario.runMs + scenario.patienceMs) * 1000;
    this.#attemptsBound = attemptsBound;
  }

  async run(): Promise<RunEnd> {
    const putBack = surround({
      seed: this.#seed,
      receive: (name, left) => this.#receive(name, left),
      escaped: (what) => this.#books.failed(new LaneError(this.#clock.nowUs, what)),
    });
    try {
      const cut = await this.#ticks();
      const endUs = cut ? this.#clock.nowUs : this.#endUs;
      this.#books.close(endUs);
      this.#front.check(endUs);
      return { cut, endUs, ...this.#books.counts };
    } finally {
      this.#books.silence();
      for (const client of this.#clients) client?.stop();
      await this.#drain();
      await putBack();
    }
  }

  /** Returns whether the run was cut. */
  async #ticks(): Promise<boolean> {
    for (;;) {
      const nextUs = Math.max(this.#clock.nowUs, this.#nextAtUs());
      if (nextUs > this.#endUs) return false;
      await this.#tick(nextUs);
      if (this.#books.counts.attempts >= this.#attemptsBound) return true;
    }
  }

  #nextAtUs(): number {
    return Math.min(
      this.#front.nextAtUs(),
      this.#clock.nextAtUs(),
      this.#load.nextAtUs(),
      Math.ceil(this.#flags.nextAtMs()) * 1000,
      this.#time.nextAtMs() * 1000,
    );
  }

  async #tick(nowUs: number): Promise<void> {
    this.#clock.nowUs = nowUs;
    this.#time.moveTo(nowUs / 1000);
    if (Math.ceil(this.#flags.nextAtMs()) * 1000 <= nowUs) this.#changeFlags(nowUs);
    this.#front.advance(nowUs);
    while (this.#answer(nowUs)) await this.#settle();
    while (this.#fire(this.#clock.takeTimeout())) await this.#settle();
    while (this.#fire(this.#clock.takeWake())) await this.#settle();
    while (this.#time.nextAtMs() * 1000 <= nowUs) {
      this.#time.fireNext();
      await this.#settle();
    }
    while (this.#load.nextAtUs() <= nowUs) {
      this.#beginCall();
      await this.#settle();
    }
  }

  #changeFlags(nowUs: number): void {
    this.#flags.advance(nowUs / 1000);
    this.#clock.changeFlags(() => {
      for (const onChange of [...this.#flagListeners]) onChange();
    });
  }

  #answer(nowUs: number): boolean {
    const name = this.#front.answerNext(nowUs);
    if (name !== undefined) this.#books.calls.answer(name, nowUs);
    return name !== undefined;
  }

  #fire(due: Due | undefined): boolean {
    if (due === undefined) return false;
    this.#books.calls.decide(due.name);
    currentCall.run(due.name, due.fire);
    return true;
  }

  #beginCall(): void {
    const client = this.#load.take();
    this.#clients[client] ??= new LaneClient(
      { ...this.#clientOptions, clientId: client },
      this.#books,
    );
    this.#clients[client].call(this.#load.callsOf(client));
  }

  async #receive(name: RequestName, left: AbortSignal): Promise<Response> {
    this.#books.requestReached(name);
    return responseTo(await this.#front.receive(this.#clock.nowUs, name, left));
  }

  /** Until the wire is quiet and every call has decided, while virtual time stands still. */
  async #settle(): Promise<void> {
    for (let turns = 0; turns < TURNS_MAX; turns++) {
      await turn();
      this.#books.throwFailure();
      if (this.#books.calls.isSettled) return;
    }
    const moving = this.#books.calls.describeMoving();
    throw new LaneError(this.#clock.nowUs, `nothing moves on: ${moving}`);
  }

  /** Until every connection of a client that was stopped is closed. */
  async #drain(): Promise<void> {
    for (let turns = 0; turns < TURNS_MAX && this.#front.waiting > 0; turns++) await turn();
    await turn();
  }
}

function keyed(seed: number): RetryOptions["random"] {
  const draws = new KeyedRandom(seed, "policy");
  return (client, call, attempt, purpose) => draws.key(client, call, attempt, purpose).next;
}
