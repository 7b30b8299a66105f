/** What changes at the server at known times: its workers, what stands at its door, and its faults. */
import { Agenda, type AgendaPlace } from "../events/agenda.ts";
import { KeyedRandom } from "../random.ts";
import { FLAGS_REQUEST } from "../request-name.ts";
import type { FaultSpec, Scenario } from "../scenario.ts";
import { roundUpToTick } from "../ticks.ts";
import { type Gate, gateOf } from "./gate.ts";
import { type PartialFault, partialFaultOf } from "./partial-fault.ts";
import { RateCap } from "./rate-cap.ts";
import { CONNECTION_LOST, type Refusal } from "./refusal.ts";

/** The server's circumstances at one moment of the plan. */
export class Plan {
  workers = 0;
  isDown = false;
  slowdown = 1;
  /** Undefined while it stands open. */
  gate: Gate | undefined;
  rateCap: RateCap | undefined;
  partials: readonly PartialFault[] = [];
  /** Whether all of that lets everybody in. */
  isQuiet = true;
  /** Share of what is sent, either way, that never arrives. */
  lossShare = 0;
  readonly #workers: readonly Step<number>[];
  readonly #gates: readonly Step<Gate | undefined>[];
  readonly #rateCaps: readonly Step<RateCap | undefined>[];
  readonly #faults: readonly Damage[];
  readonly #edgesUs: readonly number[];
  readonly #faultChance: KeyedRandom;
  #next = 0;
  readonly #dueUs: Float64Array;
  readonly #place: number;

  /** @param rejection how those are told who may not come in, where the plan does not say */
  constructor(
    { server, faults, tickUs }: Pick<Scenario, "server" | "faults" | "tickUs">,
    seed: number,
    rejection: Refusal,
    { agenda = new Agenda(1), place = 0 }: Partial<AgendaPlace> = {},
  ) {
    const inUs = (ms: number) => roundUpToTick(ms * 1000, tickUs);
    const chance = new KeyedRandom(seed, "admission");
    this.#faultChance = new KeyedRandom(seed, "faults");
    this.#workers = server.workers.map((step) => [inUs(step.fromMs), step.workers]);
    this.#gates = (server.admission ?? []).map((step) => [
      inUs(step.fromMs),
      gateOf(step, chance, rejection),
    ]);
    this.#rateCaps = (server.rateCap ?? []).map((step) => [
      inUs(step.fromMs),
      step.of === "nobody" ? undefined : new RateCap(step, rejection),
    ]);
    this.#faults = faults.map((fault, place) => ({
      fault,
      place,
      fromUs: inUs(fault.fromMs),
      untilUs: inUs(fault.untilMs),
    }));
    const steps = [...this.#workers, ...this.#gates, ...this.#rateCaps];
    const edgesUs = [
      ...steps.map(([fromUs]) => fromUs),
      ...this.#faults.flatMap(({ fromUs, untilUs }) => [fromUs, untilUs]),
    ];
    this.#edgesUs = [...new Set(edgesUs)].sort((a, b) => a - b);
    this.#dueUs = agenda.dueUs;
    this.#place = place;
    this.#dueUs[place] = this.#edgesUs[0];
  }

  /** When the next change comes; Infinity after the last. */
  nextAtUs(): number {
    return this.#dueUs[this.#place];
  }

  /** Makes the next change. */
  step(): void {
    const nowUs = this.nextAtUs();
    this.#dueUs[this.#place] = this.#edgesUs[++this.#next] ?? Number.POSITIVE_INFINITY;
    this.workers = at(this.#workers, nowUs) ?? 0;
    this.gate = at(this.#gates, nowUs);
    this.rateCap = at(this.#rateCaps, nowUs);
    this.#sufferFaults(nowUs);
    this.isQuiet =
      !this.isDown &&
      this.gate === undefined &&
      this.rateCap === undefined &&
      this.partials.length === 0;
  }

  /**
   * What keeps a request out that arrives now; undefined: it may come in. First who is there to answer,
   * then the gate, the cap, and whatever is broken behind them.
   */
  refusal(
    atUs: number,
    client: number,
    call: number,
    attempt: number,
    part: number,
  ): Refusal | undefined {
    if (this.isDown) return CONNECTION_LOST;
    // Gates and caps are for what calls send.
    if (attempt !== FLAGS_REQUEST.attempt) {
      const turnedAway = this.gate?.(client, call, attempt, part);
      if (turnedAway !== undefined) return turnedAway;
      if (this.rateCap?.admits(atUs, client) === false) return this.rateCap.refusal;
    }
    for (const { hits, refusal } of this.partials) {
      if (hits(this.#faultChance, client, call, attempt, part)) return refusal;
    }
    return undefined;
  }

  #sufferFaults(nowUs: number): void {
    this.isDown = false;
    this.slowdown = 1;
    let arrivingShare = 1;
    const partials: PartialFault[] = [];
    for (const { fault, place, fromUs, untilUs } of this.#faults) {
      if (nowUs < fromUs || untilUs <= nowUs) continue;
      if (fault.kind === "outage") this.isDown = true;
      if (fault.kind === "slowdown") this.slowdown *= fault.factor;
      if (fault.kind === "loss") arrivingShare *= 1 - fault.share;
      if (fault.kind === "partial") partials.push(partialFaultOf(fault, partials.length, place));
    }
    this.lossShare = 1 - arrivingShare;
    this.partials = partials;
  }
}

interface Damage {
  readonly fault: FaultSpec;
  /** In the scenario's list. */
  readonly place: number;
  readonly fromUs: number;
  readonly untilUs: number;
}

/** What is so from that microsecond on. */
type Step<T> = readonly [fromUs: number, value: T];

function at<T>(steps: readonly Step<T>[], nowUs: number): T | undefined {
  return steps.findLast(([fromUs]) => fromUs <= nowUs)?.[1];
}
