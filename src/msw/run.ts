/**
 * The MSW lane: many clients under one policy, each a real retry helper around the real global fetch,
 * against the server model behind MSW, in virtual time. It exists for truth: what it does is what an app
 * would do, and the simulator must leave the same trace.
 *
 * Within a tick the order is the simulator's: flags, faults, capacity changes, finishes, arrivals at the
 * server, answers at clients, timeouts, wakes, new calls; ties by client, call, attempt and part.
 */
import { expectForRealClients } from "../lane/only-simulated.ts";
import type { Policy } from "../policy.ts";
import type { RunEnd } from "../run.ts";
import type { Scenario } from "../scenario.ts";
import type { Trace } from "../trace.ts";
import { Lane } from "./lane.ts";

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
 * @throws {RangeError} when the scenario counts microseconds, or only the simulator can run it
 * @throws {PolicyError} when the policy answers with something that is not a decision
 */
export async function runMsw(options: MswOptions): Promise<RunEnd> {
  const { name, tickUs } = options.scenario;
  if (tickUs !== 1000) {
    throw new RangeError(`Expected \`tickUs\` of scenario "${name}" to be 1000, got ${tickUs}.`);
  }
  expectForRealClients(options.scenario);
  if (isRunning) throw new Error("Expected one MSW run at a time: they share the process's clock.");
  isRunning = true;
  try {
    return await new Lane(options).run();
  } finally {
    isRunning = false;
  }
}

let isRunning = false;
