/** One run: calls begin when they are due, and it is over when nothing is left to do. */
import { Agent } from "undici";
import { LaneBooks } from "../lane/lane-books.ts";
import type { LaneRequest } from "../lane/lane-client.ts";
import { LaneClients } from "../lane/lane-clients.ts";
import { Load } from "../load.ts";
import type { RunEnd } from "../run.ts";
import { SelfDrivenServer } from "../server/self-driven-server.ts";
import { get } from "./get.ts";
import { LoopbackServer } from "./loopback-server.ts";
import type { LoopbackOptions } from "./run.ts";
import { RunClock } from "./run-clock.ts";

export class LoopbackRun {
  readonly #clock = new RunClock();
  readonly #agent = new Agent();
  readonly #over = Promise.withResolvers<{ readonly cut: boolean }>();
  readonly #load: Load;
  readonly #books: LaneBooks;
  readonly #model: SelfDrivenServer;
  readonly #server: LoopbackServer;
  readonly #clients: LaneClients;
  readonly #endUs: number;
  readonly #attemptsBound: number;
  #url = "";
  #nextCallUs = Infinity;
  #cancelNextCall = () => {};
  #disconnected: Promise<void> | undefined;

  constructor(options: Omit<LoopbackOptions, "signal">) {
    const { scenario, policy, seed, trace, attemptsBound = 20_000 } = options;
    const clock = this.#clock;
    this.#load = new Load(scenario, seed);
    this.#books = new LaneBooks(
      trace,
      this.#load,
      () => clock.nowUs,
      () => this.#look(),
    );
    this.#model = new SelfDrivenServer({
      scenario,
      seed,
      clock,
      originMs: 0,
      served: this.#books.served.bind(this.#books),
      answered: this.#books.answerSent.bind(this.#books),
    });
    this.#server = new LoopbackServer(this.#model);
    const send = (request: LaneRequest) => get(this.#url, request, this.#agent);
    this.#clients = new LaneClients({ scenario, policy, seed, clock, send }, this.#books);
    this.#endUs = (scenario.runMs + scenario.patienceMs) * 1000;
    this.#attemptsBound = attemptsBound;
    // It may fail before anybody waits for it.
    this.#over.promise.catch(() => {});
  }

  /** To be called once. */
  async run(): Promise<RunEnd> {
    this.#url = await this.#server.listen();
    this.#clock.start();
    const cancelEnd = this.#clock.timeout(this.#endUs / 1000, () =>
      this.#over.resolve({ cut: false }),
    );
    try {
      this.#look();
      const { cut } = await this.#over.promise;
      // So that the server knows of everyone who has left, before its last work is late or not.
      if (this.#books.openCalls === 0) await this.#disconnect();
      const endUs = Math.max(this.#clock.nowUs, cut ? 0 : this.#endUs);
      this.#model.finish(endUs);
      this.#books.close(endUs);
      return { cut, endUs, ...this.#books.counts };
    } finally {
      cancelEnd();
      this.#cancelNextCall();
      this.#books.silence();
      this.#clients.stop();
      await this.#disconnect();
    }
  }

  #disconnect(): Promise<void> {
    this.#disconnected ??= this.#agent.destroy().then(() => this.#server.close());
    return this.#disconnected;
  }

  fail(error: unknown): void {
    this.#over.reject(error);
  }

  /** After everything that happens: is it over, and when does the next call begin? */
  #look(): void {
    const { counts, openCalls, failure } = this.#books;
    const isDone = openCalls === 0 && this.#load.nextAtUs() === Infinity;
    const cut = counts.attempts >= this.#attemptsBound;
    if (failure !== undefined) this.fail(failure.error);
    else if (isDone || cut) this.#over.resolve({ cut });
    else this.#awaitNextCall();
  }

  #awaitNextCall(): void {
    const nextUs = this.#load.nextAtUs();
    if (nextUs === this.#nextCallUs) return;
    this.#cancelNextCall();
    this.#cancelNextCall = () => {};
    this.#nextCallUs = nextUs;
    if (nextUs === Infinity) return;
    const delayMs = Math.max(0, nextUs / 1000 - this.#clock.nowMs());
    this.#cancelNextCall = this.#clock.timeout(delayMs, () => this.#beginCalls());
  }

  #beginCalls(): void {
    this.#nextCallUs = -1;
    while (this.#load.nextAtUs() <= this.#clock.nowUs) {
      const client = this.#load.take();
      this.#clients.call({ client, call: this.#load.newestOf(client) });
    }
    this.#look();
  }
}
