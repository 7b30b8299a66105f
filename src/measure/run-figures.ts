/** The figures of one run: counts and series, from which every number that a user sees is computed. */
import { build, type Histogram } from "hdr-histogram-js";
import type { Scenario } from "../scenario.ts";
import { type CallEnd, SilentTrace } from "../trace.ts";
import { trafficOf } from "../traffic.ts";
import { countFlagRequest, countRequest, type Tally, tally } from "./tally.ts";

/** The grains of the series by time of start, and the longest run of each; each goes into the 3 s of a window. */
const GRAINS = [
  { binMs: 100, runMaxMs: 3 * 3_600_000 },
  { binMs: 1_000, runMaxMs: 24 * 3_600_000 },
  { binMs: 3_000, runMaxMs: Number.POSITIVE_INFINITY },
] as const;

/** How wide the bins of a run's series are: finer for shorter runs. */
export function binMsOf({ runMs }: Pick<Scenario, "runMs">): number {
  return GRAINS.find(({ runMaxMs }) => runMs <= runMaxMs)?.binMs ?? 3_000;
}

export interface RunFigures {
  /** After the warm-up. */
  readonly total: Tally;
  /** After the warm-up and before the trigger. */
  readonly beforeTrigger: Tally;
  readonly fromTrigger: Tally;
  readonly serviceUs: number;
  /** Service time of attempts whose caller had left. */
  readonly lateServiceUs: number;
  /** Calls begun, by `binMsOf` their start. */
  readonly started: Uint32Array;
  /** Those of them answered within patience. */
  readonly answered: Uint32Array;
  /** When the calls of a herd were answered, in order. */
  readonly answeredAtUs: readonly number[];
  /** Response times in microseconds of the calls answered within patience, after the warm-up. */
  readonly responseUs: Histogram;
}

/** Collects the figures while the run goes on; nothing else of the run is kept. */
export class RunMeter extends SilentTrace {
  readonly #total = tally();
  readonly #beforeTrigger = tally();
  readonly #fromTrigger = tally();
  readonly #binUs: number;
  readonly #started: Uint32Array;
  readonly #answered: Uint32Array;
  readonly #answeredAtUs: number[] = [];
  readonly #responseUs: Histogram;
  readonly #warmUpUs: number;
  readonly #triggerUs: number;
  readonly #patienceUs: number;
  readonly #isHerd: boolean;
  #serviceUs = 0;
  #lateServiceUs = 0;

  constructor(scenario: Scenario) {
    super();
    this.#binUs = binMsOf(scenario) * 1000;
    const bins = Math.ceil((scenario.runMs * 1000) / this.#binUs);
    this.#started = new Uint32Array(bins);
    this.#answered = new Uint32Array(bins);
    this.#warmUpUs = scenario.warmUpMs * 1000;
    this.#triggerUs = (scenario.trigger?.fromMs ?? Infinity) * 1000;
    this.#patienceUs = scenario.patienceMs * 1000;
    this.#isHerd = scenario.load.kind === "herd";
    this.#responseUs = responseHistogram(this.#patienceUs);
  }

  override callStarted(atUs: number): void {
    this.#started[Math.floor(atUs / this.#binUs)]++;
    if (atUs < this.#warmUpUs) return;
    this.#total.calls++;
    this.#sideOf(atUs).calls++;
  }

  override requestSent(
    atUs: number,
    _client: number,
    _call: number,
    _attempt: number,
    part: number,
  ): void {
    if (atUs < this.#warmUpUs) return;
    countRequest(this.#total, part);
    countRequest(this.#sideOf(atUs), part);
  }

  override flagsRequested(atUs: number): void {
    if (atUs < this.#warmUpUs) return;
    countFlagRequest(this.#total);
    countFlagRequest(this.#sideOf(atUs));
  }

  override callEnded(
    atUs: number,
    _client: number,
    call: number,
    _attempts: number,
    startedUs: number,
    end: CallEnd,
  ): void {
    const responseUs = atUs - startedUs;
    if (responseUs > this.#patienceUs) return;
    if (end === "dropped") this.#countDropped(startedUs);
    if (end !== "answered") return;
    this.#answered[Math.floor(startedUs / this.#binUs)]++;
    if (this.#isHerd && trafficOf(call) === 0) this.#answeredAtUs.push(atUs);
    if (startedUs < this.#warmUpUs) return;
    this.#total.answered++;
    this.#sideOf(startedUs).answered++;
    this.#responseUs.recordValue(responseUs);
  }

  override served(atUs: number, serviceUs: number, late: boolean): void {
    if (atUs < this.#warmUpUs) return;
    this.#serviceUs += serviceUs;
    if (late) this.#lateServiceUs += serviceUs;
  }

  figures(): RunFigures {
    return {
      total: this.#total,
      beforeTrigger: this.#beforeTrigger,
      fromTrigger: this.#fromTrigger,
      serviceUs: this.#serviceUs,
      lateServiceUs: this.#lateServiceUs,
      started: this.#started,
      answered: this.#answered,
      answeredAtUs: this.#answeredAtUs,
      responseUs: this.#responseUs,
    };
  }

  #countDropped(startedUs: number): void {
    if (startedUs < this.#warmUpUs) return;
    this.#total.dropped++;
    this.#sideOf(startedUs).dropped++;
  }

  #sideOf(atUs: number): Tally {
    return atUs < this.#triggerUs ? this.#beforeTrigger : this.#fromTrigger;
  }
}

/** Three significant digits, from 1 µs to the scenario's patience. */
export function responseHistogram(patienceUs: number): Histogram {
  return build({
    bitBucketSize: 32,
    lowestDiscernibleValue: 1,
    highestTrackableValue: Math.max(2, Math.ceil(patienceUs)),
    numberOfSignificantValueDigits: 3,
  });
}
