/** What an observer beside the queue sees of a run, besides the figures that every run has. */
import { RunMeter } from "../../src/measure/run-figures.ts";
import type { Policy } from "../../src/policy.ts";
import type { Scenario } from "../../src/scenario.ts";
import { simulate } from "../../src/sim/simulation.ts";
import type { RequestEnd } from "../../src/trace.ts";
import { Population } from "./population.ts";
import { SERVICE_MS } from "./queue-world.ts";

export class Observer extends RunMeter {
  /** Requests whose caller waits for the answer. */
  readonly present: Population;
  /** Callers between two attempts: the orbit of a retrial queue. */
  readonly orbit: Population;
  readonly #warmUpUs: number;
  readonly #networkUs: number;
  #rejected = 0;
  #rejectedFirst = 0;

  constructor(world: Scenario) {
    super(world);
    this.#warmUpUs = world.warmUpMs * 1000;
    this.#networkUs = world.networkMs * 1000;
    const population = () => new Population(this.#warmUpUs, world.runMs * 1000);
    this.present = population();
    this.orbit = population();
  }

  override requestSent(
    atUs: number,
    client: number,
    call: number,
    attempt: number,
    part: number,
  ): void {
    super.requestSent(atUs, client, call, attempt, part);
    this.present.change(atUs, 1);
    if (attempt > 1) this.orbit.change(atUs, -1);
  }

  override requestEnded(
    atUs: number,
    _client: number,
    _call: number,
    attempt: number,
    _part: number,
    end: RequestEnd,
  ): void {
    this.present.change(atUs, -1);
    if (end.kind !== "rejected" || atUs < this.#warmUpUs) return;
    this.#rejected++;
    if (attempt === 1) this.#rejectedFirst++;
  }

  override waitStarted(atUs: number, ..._rest: readonly number[]): void {
    this.orbit.change(atUs, 1);
  }

  /** E[T] at the server, in mean services. */
  meanResponse(): number {
    return (this.figures().responseUs.mean - 2 * this.#networkUs) / SERVICE_US;
  }

  /** The response without the service, in mean services; for runs in which every call is served once. */
  meanWait(): number {
    const { serviceUs, total } = this.figures();
    return this.meanResponse() - serviceUs / total.calls / SERVICE_US;
  }

  /** Rejected attempts ÷ attempts. */
  rejectedShare(): number {
    return this.#rejected / this.figures().total.attempts;
  }

  /** Rejected first attempts ÷ calls. */
  rejectedFirstShare(): number {
    return this.#rejectedFirst / this.figures().total.calls;
  }
}

const SERVICE_US = SERVICE_MS * 1000;

export function observe(world: Scenario, policy: Policy, seed: number): Observer {
  const observer = new Observer(world);
  simulate({ scenario: world, policy, seed, trace: observer });
  return observer;
}
