/**
 * One run, from tick to tick, and within a tick in the order of the simulator. Each event has settled,
 * over the wire and in the helper, before the next one happens.
 */
import { Load } from "../load.ts";
import { KeyedRandom } from "../random.ts";
import type { RequestName } from "../request-name.ts";
import { LaneClient, type LaneClientOptions } from "../retry/lane-client.ts";
import type { RetryOptions } from "../retry/options.ts";
import type { RunEnd } from "../run.ts";
import { ServerFront } from "../server/server-front.ts";
import { LaneBooks } from "./lane-books.ts";
import { currentCall, type Due, LaneClock } from "./lane-clock.ts";
import { LaneError } from "./lane-error.ts";
import { LaneFlags } from "./lane-flags.ts";
import { responseTo } from "./response-to.ts";
import type { MswOptions } from "./run.ts";
import { LANE_URL, surround } from "./surroundings.ts";
import { turn, VirtualTime } from "./virtual-time.ts";

/** Far more than any request needs: what has not settled by then waits for something outside the model. */
const TURNS_MAX = 1000;

export class Lane {
  readonly #seed: number;
  readonly #time = new VirtualTime();
  readonly #clock = new LaneClock();
  readonly #flags: LaneFlags;
  readonly #load: Load;
  readonly #front: ServerFront;
  readonly #books: LaneBooks;
  readonly #clients: (LaneClient | undefined)[] = [];
  readonly #clientOptions: Omit<LaneClientOptions, "clientId">;
  readonly #endUs: number;
  readonly #attemptsBound: number;

  constructor({ scenario, policy, seed, trace, attemptsBound = 60_000 }: MswOptions) {
    this.#seed = seed;
    this.#flags = new LaneFlags(scenario.flags, this.#clock);
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
      fetch: (request) => fetch(LANE_URL, request),
      clock: this.#clock,
      random: keyed(seed),
      tickMs: scenario.tickUs / 1000,
      timeoutMs: scenario.clients.timeoutMs,
      deadlineMs: scenario.clients.deadlineMs,
      resetRequests: scenario.sessionReset.requests,
      flags: this.#flags,
    };
    this.#endUs = (scenario.runMs + scenario.patienceMs) * 1000;
    this.#attemptsBound = attemptsBound;
  }

  /** To be called once. */
  async run(): Promise<RunEnd> {
    const putBack = surround({
      seed: this.#seed,
      receive: (name, left) => this.#receive(name, left),
      escaped: (what) => this.#books.failed(new LaneError(this.#clock.nowUs, what)),
    });
    let end: RunEnd;
    try {
      const cut = await this.#ticks();
      const endUs = cut ? this.#clock.nowUs : this.#endUs;
      this.#books.close(endUs);
      this.#front.check(endUs);
      end = { cut, endUs, ...this.#books.counts };
    } finally {
      this.#books.silence();
      for (const client of this.#clients) client?.stop();
      await this.#drain();
      await putBack();
    }
    // Even stopping a client must not touch the network.
    this.#books.throwFailure();
    return end;
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
      this.#flags.nextAtUs(),
      this.#time.nextAtMs() * 1000,
    );
  }

  async #tick(nowUs: number): Promise<void> {
    this.#clock.nowUs = nowUs;
    this.#time.moveTo(nowUs / 1000);
    this.#flags.advance();
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
    const lane = this.#clients[client];
    const call = this.#load.callsOf(client);
    currentCall.run({ client, call }, () => lane.call(call));
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
