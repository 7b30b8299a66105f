import { type Checks, checkOptions, oneOf } from "../check-options.ts";
import { Budgets } from "../fetch/budgets.ts";
import { layerAround, watchLayers } from "../retry/layers.ts";
import {
  CALL_CHECKS,
  type CallOptions,
  RETRY_CHECKS,
  type RetryOptions,
} from "../retry/options.ts";
import { DrivenCall } from "./driven-call.ts";

/** Without a timeout: an attempt is interrupted by who makes it. */
export interface StepsOptions extends Omit<RetryOptions, "timeoutMs"> {
  /**
   * Within an attempt of an outer retry: "once" leaves all retries to that, so that three times three
   * attempts are not nine; "retry" makes them here. Default: "once".
   */
  readonly nested?: "once" | "retry";
}

export interface StepOptions extends Omit<CallOptions, "timeoutMs"> {
  /** Calls with the same one share a budget. Default: one for all. */
  readonly budget?: string;
  /**
   * Whoever makes the attempts: when it is gone without a word, the call is abandoned, so that nothing (a
   * breaker's trial) waits for its end. Default: none.
   */
  readonly owner?: object;
}

export interface Steps {
  begin(options?: StepOptions): DrivenCall;
}

const { timeoutMs: _client, ...OF_CLIENTS } = RETRY_CHECKS;
const { timeoutMs: _call, ...OF_CALLS } = CALL_CHECKS;
const nested = oneOf("once", "retry");

/**
 * The retry helper for a loop that is not yours to write, in a library that retries by itself and asks a
 * callback whether, and when. Make one and keep it: its calls share a budget.
 *
 * The adapters beside it are made of it. A policy that hedges is refused, because such a loop makes one
 * attempt at a time.
 *
 * @throws {TypeError} when an option is wrong
 * @example
 * ```ts
 * import { createSteps } from "stormproof/adapters";
 * import { vetted } from "stormproof/policies";
 *
 * const steps = createSteps({ policy: vetted({ delayBaseMs: 10 }) });
 * const answers = [503, 503, 200];
 *
 * const call = steps.begin();
 * let status;
 * let mayGo = await call.started();
 * while (mayGo) {
 *   status = answers.shift();
 *   mayGo = status !== 200 && (await call.failed(Object.assign(new Error("no"), { status })));
 * }
 * if (status === 200) await call.succeeded();
 * status; // => 200
 * ```
 */
export function createSteps(options: StepsOptions = {}): Steps {
  const checks: Checks<StepsOptions> = { ...OF_CLIENTS, nested };
  checkOptions("options", options, checks);
  if (options.policy?.hedges) {
    throw new TypeError(
      `Expected a policy without hedges, for a loop of one attempt at a time, got ${options.policy.name}.`,
    );
  }
  const budgets = new Budgets(options);
  const gone = new FinalizationRegistry<DrivenCall>((call) => call.abandoned());
  watchLayers();
  return {
    begin({ budget = "", owner, ...call }: StepOptions = {}) {
      checkOptions("options", call, OF_CALLS);
      const isNested = options.nested !== "retry" && layerAround(call.signal) !== undefined;
      const repeatable = isNested ? false : call.repeatable;
      const begun = new DrivenCall((use) => budgets.use(budget, use), { ...call, repeatable });
      if (owner !== undefined) gone.register(owner, begun);
      return begun;
    },
  };
}
