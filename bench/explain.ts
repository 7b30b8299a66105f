/** One call's life in the simulator, as a timeline. */
import { Cohorts } from "../src/cohorts.ts";
import type { Policy } from "../src/policy.ts";
import type { Scenario } from "../src/scenario.ts";
import { simulate } from "../src/sim/simulation.ts";
import { RecordedTrace } from "../src/trace.ts";
import { numberInTraffic, trafficOf, trafficsOf } from "../src/traffic.ts";
import { Complaint } from "./complaint.ts";
import { whole } from "./numbers.ts";
import { policiesOf } from "./policy-choice.ts";
import { plainTable } from "./table.ts";

export interface Question {
  readonly scenario: Scenario;
  readonly policy: Policy;
  readonly seed: number;
  /** Which call of the run, counted from 1 in the order in which they start. */
  readonly call: number;
}

/** @throws {Complaint} when the run has fewer calls */
export function explain({ scenario, policy, seed, call: ordinal }: Question): string {
  const trace = new OneCall(ordinal);
  const { calls } = simulate({ scenario, policy, seed, trace, policyOf: policiesOf(scenario) });
  const { startedUs, client, call, lines } = trace;
  if (startedUs < 0) {
    throw new Complaint(
      `Expected --explain to name one of the ${whole(calls)} calls of the run, got "${seed}:${ordinal}"; the nearest is "${seed}:${calls}".`,
    );
  }
  const prefix = / ms client \d+ call \d+(?: of traffic \d+)? /;
  const rows = lines.map((line) => {
    const [at, what] = line.split(prefix);
    return [(Number(at) / 1000).toFixed(6), `+${(Number(at) - startedUs / 1000).toFixed(3)}`, what];
  });
  const cohort = scenario.cohorts[new Cohorts(scenario.cohorts, seed).of(client)];
  const { name: traffic } = trafficsOf(scenario)[trafficOf(call)];
  const kind = traffic === undefined ? "" : ` of traffic ${traffic}`;
  const whose = cohort === undefined ? "" : `, of cohort ${cohort.name}`;
  return [
    `${scenario.name}, ${policy.name}, seed ${seed}: call ${ordinal} of ${whole(calls)}, which is call ${numberInTraffic(call)}${kind} of client ${client}${whose}`,
    "",
    plainTable(["at s", "after ms", "what happens"], rows),
    "",
  ].join("\n");
}

/** Records the call that starts as the n-th. */
class OneCall extends RecordedTrace {
  startedUs = -1;
  client = -1;
  call = -1;
  #before: number;

  constructor(ordinal: number) {
    super();
    this.#before = ordinal;
  }

  override callStarted(atUs: number, client: number, call: number): void {
    if (--this.#before !== 0) return;
    this.startedUs = atUs;
    this.client = client;
    this.call = call;
    super.callStarted(atUs, client, call);
  }

  override requestSent(...event: Parameters<RecordedTrace["requestSent"]>): void {
    if (this.#isIt(event)) super.requestSent(...event);
  }

  override requestEnded(...event: Parameters<RecordedTrace["requestEnded"]>): void {
    if (this.#isIt(event)) super.requestEnded(...event);
  }

  override waitStarted(...event: Parameters<RecordedTrace["waitStarted"]>): void {
    if (this.#isIt(event)) super.waitStarted(...event);
  }

  override callEnded(...event: Parameters<RecordedTrace["callEnded"]>): void {
    if (this.#isIt(event)) super.callEnded(...event);
  }

  /** The server's work is nobody's. */
  override served(): void {}

  #isIt([, client, call]: readonly [number, number, number, ...unknown[]]): boolean {
    return client === this.client && call === this.call;
  }
}
