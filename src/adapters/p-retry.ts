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
    const { signal } = callOptions;
    const call = steps.begin(callOptions);
    let isToGoOn = false;
    const attempt = async (number: number) => {
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
    };
    const shouldRetry = () => isToGoOn;
    return [attempt, { retries: Infinity, minTimeout: 0, shouldRetry, ...(signal && { signal }) }];
  };
}
