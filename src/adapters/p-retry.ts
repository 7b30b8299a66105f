import { check, FUNCTION } from "../check-options.ts";
import { classifyError } from "../retry/classify.ts";
import { createSteps, type StepOptions, type StepsOptions } from "./steps.ts";

/** The function and the options of `pRetry`, as far as they matter here. */
export type PRetryArguments<T> = [
  input: (attempt: number) => Promise<T>,
  options: {
    readonly retries: number;
    readonly minTimeout: number;
    readonly signal?: AbortSignal;
    readonly shouldRetry: () => boolean;
  },
];

/**
 * Makes both arguments of `pRetry` (9), so that p-retry keeps its loop and a policy decides. Make one and
 * keep it: its calls share a budget.
 *
 * p-retry's own waits are 0: the policy's come before. What p-retry itself never retries stays so: a
 * TypeError that is not the network's, what is no Error, its `AbortError`.
 *
 * `pRetry` rejects with the last error, as ever; `stopOf` tells why. A call that the policy refuses
 * rejects with `RetryStopped`.
 *
 * @throws {TypeError} when an option is wrong
 * @example
 * ```ts
 * import pRetry from "p-retry";
 * import { forPRetry } from "stormproof/adapters";
 * import { vetted } from "stormproof/policies";
 *
 * const retrying = forPRetry({ policy: vetted({ delayBaseMs: 10 }) });
 *
 * const flaky = async (attempt) => {
 *   if (attempt === 1) throw Object.assign(new Error("busy"), { status: 503 });
 *   return `attempt ${attempt}`;
 * };
 * await pRetry(...retrying(flaky)); // => "attempt 2"
 * ```
 */
export function forPRetry(options: StepsOptions = {}) {
  const steps = createSteps(options);
  return <T>(
    input: (attempt: number) => T | PromiseLike<T>,
    callOptions: StepOptions = {},
  ): PRetryArguments<T> => {
    const { signal, shouldRetry: ofCall = options.shouldRetry } = callOptions;
    check("shouldRetry", ofCall, FUNCTION);
    const call = steps.begin({
      owner: attempt,
      ...callOptions,
      shouldRetry: (error, at) => (isNeverRetried(error) ? false : ofCall?.(error, at)),
    });
    let isToGoOn = false;
    async function attempt(number: number): Promise<T> {
      if (number === 1 && !(await call.started())) throw call.stopped;
      let value: T;
      try {
        value = await call.within(() => input(number));
      } catch (error) {
        isToGoOn = await call.failed(error);
        throw error;
      }
      await call.succeeded();
      return value;
    }
    const shouldRetry = () => isToGoOn;
    return [attempt, { retries: Infinity, minTimeout: 0, shouldRetry, ...(signal && { signal }) }];
  };
}

/** By p-retry, which then asks nobody, so that the call would never end. */
function isNeverRetried(error: unknown): boolean {
  if (!(error instanceof Error)) return true;
  if (error.name === "AbortError" && "originalError" in error) return true;
  // It knows the network's by their words alone.
  return error instanceof TypeError && classifyError(new TypeError(error.message)).kind === "fatal";
}
