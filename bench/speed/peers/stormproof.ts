/** The workload in our own simulator, under a policy of the registry like any other. */
import { readFileSync } from "node:fs";
import { fullJitter } from "../../../policies/index.ts";
import { defineScenario, SCENARIO_DEFAULTS, type Scenario } from "../../../src/scenario.ts";
import { simulate } from "../../../src/sim/simulation.ts";
import { type CallEnd, SilentTrace } from "../../../src/trace.ts";
import { cpuSeconds } from "../../stopwatch.ts";
import { Books } from "./books.ts";
import type { Length, PeerReport, Workload } from "./workload.ts";

export function runStormproof(workload: Workload, length: Length): PeerReport {
  const scenario = scenarioOf(workload, length);
  const policy = fullJitter({
    attemptsMax: workload.attemptsMax,
    delayBaseMs: workload.delayBaseSeconds * 1000,
  });
  const trace = new BookKeeper(length);
  const from = cpuSeconds();
  simulate({ scenario, policy, seed: length.seed, trace });
  return trace.books.report(version(), cpuSeconds() - from);
}

/** The textbook's queue has no network and no timeout: here they are a microsecond and an hour. */
function scenarioOf(workload: Workload, length: Length): Scenario {
  const { warmUpSeconds, batches, batchSeconds } = length;
  return defineScenario({
    name: "peers",
    shows: "The same queue as in other simulators.",
    // A second more, in which something happens that closes the last batch.
    runMs: (warmUpSeconds + batches * batchSeconds + 1) * 1000,
    patienceMs: 1,
    clients: { count: 1_000, timeoutMs: 3_600_000 },
    networkMs: 0.001,
    load: { kind: "open", arrivals: [{ fromMs: 0, perSecond: workload.arrivalsPerSecond }] },
    server: {
      ...SCENARIO_DEFAULTS.server,
      workers: [{ fromMs: 0, workers: workload.workers }],
      service: { distribution: "exponential", meanMs: workload.serviceSecondsMean * 1000 },
      queue: { places: workload.places, order: "fifo" },
    },
  });
}

class BookKeeper extends SilentTrace {
  readonly books = new Books();
  readonly #batchUs: number;
  #closesAtUs: number;

  constructor({ warmUpSeconds, batchSeconds }: Length) {
    super();
    this.#batchUs = batchSeconds * 1e6;
    this.#closesAtUs = warmUpSeconds * 1e6;
  }

  override callStarted(atUs: number): void {
    this.#turnPage(atUs);
    this.books.calls++;
  }

  override requestSent(atUs: number): void {
    this.#turnPage(atUs);
    this.books.attempts++;
  }

  override callEnded(
    atUs: number,
    _client: number,
    _call: number,
    _attempts: number,
    startedUs: number,
    end: CallEnd,
  ): void {
    this.#turnPage(atUs);
    if (end === "answered") {
      this.books.answered++;
      this.books.responseSeconds += (atUs - startedUs) / 1e6;
    } else if (end === "attempts") this.books.lost++;
  }

  #turnPage(atUs: number): void {
    if (atUs < this.#closesAtUs) return;
    this.#closesAtUs += this.#batchUs;
    this.books.close();
  }
}

function version(): string {
  const text = readFileSync(new URL("../../../package.json", import.meta.url), "utf8");
  return JSON.parse(text).version;
}
