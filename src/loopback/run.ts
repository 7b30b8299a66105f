/**
 * The loopback lane: many clients under one policy, each a real retry helper around undici's fetch, against
 * the server model behind node:http, through real sockets and in real time. It exists to calibrate the
 * simulator, which knows nothing of sockets, of timers that come late, or of an event loop that is busy.
 *
 * The network delay is the model's: the loopback interface has none worth the name.
 */
import { expectForRealClients } from "../lane/only-simulated.ts";
import type { Policy } from "../policy.ts";
import type { RunEnd } from "../run.ts";
import type { Scenario } from "../scenario.ts";
import type { Trace } from "../trace.ts";
import { LoopbackRun } from "./loopback-run.ts";

export interface LoopbackOptions {
  /** Without flags. The run takes `runMs` of real time, and at most `patienceMs` more. */
  readonly scenario: Scenario;
  readonly policy: Policy;
  readonly seed: number;
  /** Of what happened at the server it hears a timer's lateness later. */
  readonly trace: Trace;
  /** The run is cut when so many attempts were sent; default 20,000. */
  readonly attemptsBound?: number;
  /** Stops the run. */
  readonly signal?: AbortSignal;
}

/**
 * Runs the scenario once. However it ends, it leaves no socket open and no timer set.
 *
 * @throws {RangeError} when the scenario has flags, or only the simulator can run it
 * @throws {PolicyError} when the policy answers with something that is not a decision
 * @throws the signal's reason when that is aborted
 */
export async function runLoopback({ signal, ...options }: LoopbackOptions): Promise<RunEnd> {
  const { name, flags } = options.scenario;
  if (flags.length > 0) {
    throw new RangeError(
      `Expected scenario "${name}" to have no flags, for this lane changes none, got ${flags.length}.`,
    );
  }
  expectForRealClients(options.scenario);
  signal?.throwIfAborted();
  const run = new LoopbackRun(options);
  const onAbort = () => run.fail(signal?.reason);
  signal?.addEventListener("abort", onAbort);
  try {
    return await run.run();
  } finally {
    signal?.removeEventListener("abort", onAbort);
  }
}
