/** stormproof/adapters: one policy in the hooks of other clients. */

export { stopOf } from "../retry/given-up.ts";
export { RetryStopped } from "../retry/retry-stopped.ts";
export { type AwsRetryStrategy, forAws } from "./aws.ts";
export { forAxios } from "./axios.ts";
export type { DrivenCall } from "./driven-call.ts";
export { forGot, type GotOptions } from "./got.ts";
export type { HttpOptions } from "./http.ts";
export { forKy, type KyOptions } from "./ky.ts";
export { forPRetry, type PRetryArguments } from "./p-retry.ts";
export { createSteps, type StepOptions, type Steps, type StepsOptions } from "./steps.ts";
