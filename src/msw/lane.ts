/**
 * One run, from tick to tick, and within a tick in the order of the simulator. Each event has settled,
 * over the wire and in the helper, before the next one happens.
 */
import type { LaneRequest } from "../lane/lane-client.ts";
import { LaneClients } from "../lane/lane-clients.ts";
import { Load } from "../load.ts";
import type { CallName, RequestName } from "../request-name.ts";
import { okOrThrow } from "../retry/http-error.ts";
import type { RunEnd } from "../run.ts";
import { ServerFront } from "../server/server-front.ts";
import { currentCall, type Due, LaneClock } from "./lane-clock.ts";
import { LaneError } from "./lane-error.ts";
import { LaneFlags } from "./lane-flags.ts";
import { responseTo } from "./response-to.ts";
import type { MswOptions } from "./run.ts";
import { LANE_URL, surround } from "./surroundings.ts";
import { turn, VirtualTime } from "./virtual-time.ts";
import { ZeroLagBooks } from "./zero-lag-books.ts";

/** Far more than any request needs: what has not settled by then waits for something outside the model. */
const TURNS_MAX = 1000;

async function send(request: LaneRequest): Promise<void> {
  await okOrThrow(await fetch(LANE_URL, request));
}

export class Lane {
  readonly #seed: number;
  readonly #time = new VirtualTime();
  readonly #clock = new LaneClock();
  readonly #flags: LaneFlags;
  readonly #load: Load;
  readonly #front: ServerFront;
  readonly #books: ZeroLagBooks;
  readonly #clients: LaneClients;
  readonly #endUs: number;
  readonly #attemptsBound: number;

  constructor({ scenario, policy, seed, trace, attemptsBound = 60_000 }: MswOptions) {
    this.#seed = seed;
    const isFetching = scenario.clients.flagsRefreshMs !== undefined;
    this.#flags = new LaneFlags(isFetching ? [] : scenario.flags, this.#clock);
    this.#load = new Load(scenario, seed);
    this.#books = new ZeroLagBooks(trace, this.#load, () => this.#clock.nowUs);
    this.#front = new ServerFront(
      scenario,
      seed,
      (atUs, serviceUs, late) => this.#books.served(atUs, serviceUs, late),
      (name) => this.#books.clientLeft(name),
    );
    const within = (name: CallName, act: () => void) => currentCall.run(name, act);
    this.#clients = new LaneClients(
      { scenario, policy, seed, clock: this.#clock, flags: this.#flags, send, within },
      this.#books,
    );
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
      this.#clients.stop();
      await this.#drain();
      await putBack();
    }
    // Even stopping a client must not touch the network.
    this.#throwFailure();
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
    while (this.#timeOut(this.#clock.takeTimeout())) await this.#settle();
    while (this.#wake(this.#clock.takeWake())) await this.#settle();
    while (this.#time.nextAtMs() * 1000 <= nowUs) {
      this.#time.fireNext();
      await this.#settle();
    }
    while (this.#load.nextAtUs() <= nowUs) {
      this.#beginCall();
      await this.#settle();
    }
  }

  #throwFailure(): void {
    if (this.#books.failure !== undefined) throw this.#books.failure.error;
  }

  #answer(nowUs: number): boolean {
    const answer = this.#front.answerNext(nowUs);
    if (answer === undefined) return false;
    this.#books.answerSent(answer.name, answer.end);
    return true;
  }

  #timeOut(due: Due | undefined): boolean {
    if (due === undefined) return false;
    this.#books.calls.timeOut(due.name);
    currentCall.run(due.name, due.fire);
    return true;
  }

  #wake(due: Due | undefined): boolean {
    if (due === undefined) return false;
    this.#books.calls.wake(due.name);
    currentCall.run(due.name, due.fire);
    return true;
  }

  #beginCall(): void {
    const client = this.#load.take();
    const name = { client, call: this.#load.newestOf(client) };
    currentCall.run(name, () => this.#clients.call(name));
  }

  async #receive(name: RequestName, left: AbortSignal): Promise<Response> {
    this.#books.requestReached(name);
    return responseTo(await this.#front.receive(this.#clock.nowUs, name, left));
  }

  /** Until the wire is quiet and every call has decided, while virtual time stands still. */
  async #settle(): Promise<void> {
    for (let turns = 0; turns < TURNS_MAX; turns++) {
      await turn();
      this.#throwFailure();
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
